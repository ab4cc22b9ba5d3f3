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
import json, pathlib, time
def resident():
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
before, began, cpu = resident(), time.perf_counter(), time.process_time()
import backend.charts.engine.chart
print(json.dumps([time.perf_counter() - began, time.process_time() - cpu, resident() - before]))
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
