"""Numbers of a metric in words and on an axis, by the metric's unit. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from components.times import SPACE, percent, seconds_word, span

ADDITIVE = frozenset({"per_second", "count", "bytes", "bytes_per_second", "cores"})
_SUFFIX = {
    "per_second": "/s",
    "bytes_per_second": "/s",
    "cores": "cores",
    "count": "",
    "none": "",
    "ratio": "%",
    "seconds": "s",
    "bytes": "",
}
UNITS = tuple(_SUFFIX)
_BYTES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))


@dataclass(frozen=True)
class Scale:
    """How values stand on an axis: each times ``factor``, with ``suffix`` behind the number."""

    factor: float
    suffix: str


def scale(unit: str, largest: float) -> Scale:
    """The scale for values of which none is larger in size."""
    if unit == "ratio":
        return Scale(100.0, f"{SPACE}%")
    if unit == "seconds":
        return Scale(1000.0, f"{SPACE}ms") if largest < 0.5 else Scale(1.0, f"{SPACE}s")
    if unit in {"bytes", "bytes_per_second"}:
        size, word = _byte_unit(largest)
        return Scale(1 / size, f"{SPACE}{word}" + ("/s" if unit == "bytes_per_second" else ""))
    return Scale(1.0, "")


def words(value: float | None, unit: str) -> str:
    """'41.2 /s', '0.42 %', '1.84 s', '312 MB', '–' when not known."""
    if value is None or math.isnan(value):
        return "–"
    return f"−{_positive(-value, unit)}" if value < 0 else _positive(value, unit)


def _positive(value: float, unit: str) -> str:
    if math.isinf(value):
        return "∞"
    if unit == "ratio":
        return percent(value)
    if unit == "seconds":
        return seconds_word(value) if value < 60 else _long(value)
    if unit in {"bytes", "bytes_per_second"}:
        size, word = _byte_unit(value)
        return f"{short(value / size)}{SPACE}{word}" + ("/s" if unit == "bytes_per_second" else "")
    suffix = _SUFFIX[unit]
    return short(value) + (f"{SPACE}{suffix}" if suffix else "")


def short(value: float) -> str:
    """Three digits that count: '0.042', '4.2', '41.2', '412', '41,200'; a whole number stays whole."""
    if value == round(value) and value < 1e12:
        return f"{value:,.0f}"
    if value >= 1e12:
        return f"{value:.3g}"
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def change(now: float | None, before: float | None, unit: str) -> str:
    """Against the previous period: '▲ 3 %', '▼ 0.2 points' for a share; empty when one of the two is not known."""
    if now is None or before is None or not (math.isfinite(now) and math.isfinite(before)):
        return ""
    if unit == "ratio":
        points = (now - before) * 100
        return "±0" if abs(points) < 0.005 else f"{_arrow(points)}{SPACE}{short(round(abs(points), 2))}{SPACE}points"
    if before == 0:
        return "±0" if now == 0 else f"{_arrow(now)}{SPACE}from 0"
    share = (now - before) / abs(before)
    return "±0" if abs(share) < 0.0005 else f"{_arrow(share)}{SPACE}{percent(abs(share))}"


def _arrow(by: float) -> str:
    return "▲" if by > 0 else "▼"


def _long(seconds: float) -> str:
    from datetime import timedelta

    return span(timedelta(seconds=min(seconds, 1e9)))


def _byte_unit(value: float) -> tuple[float, str]:
    return next(((size, word) for size, word in _BYTES if value >= size), _BYTES[-1])
