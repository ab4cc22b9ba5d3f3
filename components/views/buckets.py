"""A classic histogram over time as rows of how many fell between two bounds. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.monitoring.promql.result import Curve
from backend.monitoring.promql.samples import Times, Values
from components.views import units


@dataclass(frozen=True)
class Heat:
    """The lowest bucket first; NaN where nothing is known. Values are (buckets, times)."""

    names: tuple[str, ...]
    times: Times
    values: Values


def heat(curves: Sequence[Curve], start_ms: int, end_ms: int, step_ms: int, unit: str = "seconds") -> Heat | None:
    """From cumulative curves, each with its bound in the label ``le``; None when there is none.

    Every step of the span has its column, so that a gap is a gap; buckets that nothing fell into are left out above and below.
    """
    bounded = sorted(((bound, curve) for curve in curves if (bound := _bound(curve)) is not None), key=lambda one: one[0])
    if not bounded:
        return None
    times = np.arange(-(-start_ms // step_ms) * step_ms, end_ms + 1, step_ms, dtype=np.int64)
    cumulative = np.array([_on_grid(curve, times, step_ms) for _, curve in bounded])
    each = np.diff(cumulative, axis=0, prepend=np.zeros((1, len(times))))
    each = np.where(np.isnan(cumulative), np.nan, np.maximum(each, 0.0))
    used = np.flatnonzero(np.nansum(each, axis=1) > 0)
    low, high = (int(used[0]), int(used[-1])) if len(used) else (0, len(bounded) - 1)
    if high - low < 2:
        low, high = max(0, low - 1), min(len(bounded) - 1, high + 1)
    return Heat(tuple(_name(bounded, place, unit) for place in range(low, high + 1)), times, each[low : high + 1])


def tick_rows(count: int, most: int) -> list[int]:
    """Which rows have their bound written beside them, when there is no room for all; the highest is among them."""
    every = max(1, -(-count // most))
    return sorted(range(count - 1, -1, -every))


def _bound(curve: Curve) -> float | None:
    text = dict(curve.labels).get("le", "")
    try:
        return float(text)
    except ValueError:
        return None


def _name(bounded: Sequence[tuple[float, Curve]], place: int, unit: str) -> str:
    bound = bounded[place][0]
    if math.isinf(bound):
        return f"> {units.words(bounded[place - 1][0], unit)}" if place else "all"
    return units.words(bound, unit)


def _on_grid(curve: Curve, times: Times, step_ms: int) -> Values:
    """The values at the steps that have one."""
    found = np.full(len(times), np.nan)
    at = np.round((curve.times - times[0]) / step_ms).astype(np.int64) if len(times) else curve.times[:0]
    fine = (at >= 0) & (at < len(times))
    found[at[fine]] = curve.values[fine]
    return found
