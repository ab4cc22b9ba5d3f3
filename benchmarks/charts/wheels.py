"""The wheel: from a chart's document to the bytes of its picture, for charts of scattered dates and places, alone and in threes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from backend.charts.document import to_document
from backend.charts.drawing.looks import Look
from backend.charts.drawing.wheel import draw_wheel
from benchmarks.charts.natal import Figures
from benchmarks.charts.sample import births, ours, request_of

Document = dict[str, Any]


def wheel_drawn(*, quick: bool) -> Figures:
    """CPU milliseconds (median, the worst as well) and kilobytes (the largest); `wheel` is of one chart, `tri_wheel` of three."""
    with ours() as own:
        documents = [to_document(own.typed(request_of(birth))) for birth in births(9 if quick else 90)]
    single = _drawn([[each] for each in documents])
    triple = _drawn([documents[start : start + 3] for start in range(0, len(documents), 3)])
    ratios = {"wheel_ms": single["ms"], "wheel_kb": single["kb"]}
    raw = {f"wheel_{name}": figure for name, figure in single.items()} | {f"tri_wheel_{name}": figure for name, figure in triple.items()}
    return ratios, raw


def _drawn(wheels: Sequence[Sequence[Document]]) -> dict[str, float]:
    """Each wheel drawn three times, the best counts: the machine's other work is none of the wheel's."""
    draw_wheel(wheels[0], Look.LIGHT)
    milliseconds, largest = [], 0
    for charts in wheels:
        times = []
        for _ in range(3):
            began = time.process_time()
            picture = draw_wheel(charts, Look.LIGHT)
            times.append((time.process_time() - began) * 1e3)
        milliseconds.append(min(times))
        largest = max(largest, len(picture.encode()))
    return {"ms": round(median(milliseconds), 2), "ms_worst": round(max(milliseconds), 2), "kb": round(largest / 1000, 1)}
