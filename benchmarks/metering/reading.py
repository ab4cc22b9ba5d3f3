"""Reading a metrics file in a process of its own: ``python -m benchmarks.metering.reading open|read FILE``, figures as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from backend.monitoring.embedded.reader import MetricsReader
from backend.monitoring.promql.labels import NAME, Match, Matcher

EVERYTHING = (Matcher(NAME, Match.REGEX, ".+"),)
FOREVER = 2**60


def opening(reader: MetricsReader) -> dict[str, Any]:
    """From the file's name to the first answer, of one series and of one metric."""
    begun = time.perf_counter()
    newest = reader.status().newest
    assert newest is not None
    end = round(newest.timestamp() * 1000)
    samples = sum(block.values.size for block in reader.select([Matcher("n", Match.EQUAL, "7")], end - 3_600_000, end))
    took = time.perf_counter() - begun
    assert samples
    begun = time.perf_counter()
    series = len(reader.series([[Matcher(NAME, Match.EQUAL, "level_7"), Matcher("n", Match.REGEX, ".*7")]], end - 3_600_000, end))
    return {"open_ms": round(took * 1000), "labels_ms": round((time.perf_counter() - begun) * 1000, 1), "labels_found": series, **_memory()}


def reading(reader: MetricsReader) -> dict[str, Any]:
    """All there is, three times: the fastest."""
    before = _memory()["peak_megabytes"]
    walls, cpus, samples = [], [], 0
    for _ in range(3):
        begun, cpu = time.perf_counter(), time.process_time()
        samples = sum(block.values.size for block in reader.select(EVERYTHING, 0, FOREVER))
        walls.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - cpu)
    most = _memory()["peak_megabytes"]
    fast = {"read_million_per_s": round(samples / min(walls) / 1e6), "read_million_per_cpu_s": round(samples / min(cpus) / 1e6)}
    return {**fast, "read_peak_megabytes": most, "read_peak_megabytes_beyond_import": most - before}


def _memory() -> dict[str, int]:
    return {"peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def main(what: str, path: str) -> None:
    print(json.dumps({"open": opening, "read": reading}[what](MetricsReader(Path(path)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
