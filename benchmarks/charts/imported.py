"""What the engine costs before its first chart."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.charts.natal import Figures

ROOT = Path(__file__).resolve().parents[2]
_IMPORT = """
import json, resource, time
began, cpu, before = time.perf_counter(), time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
import backend.charts.engine.chart
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([time.perf_counter() - began, time.process_time() - cpu, (after - before) / 1024]))
"""


def engine_import(*, quick: bool) -> Figures:
    """Seconds of wall and of CPU, and MB, in fresh interpreters."""
    taken = [_once() for _ in range(1 if quick else 9)]
    seconds, processor, megabytes = (round(median(values), 3) for values in zip(*taken, strict=True))
    return {}, {"engine_import_seconds": seconds, "engine_import_cpu_seconds": processor, "engine_import_mb": megabytes}


def _once() -> list[float]:
    done = subprocess.run([sys.executable, "-c", _IMPORT], cwd=ROOT, capture_output=True, text=True, check=True)
    figures: list[float] = json.loads(done.stdout)
    return figures
