"""Parts of a date in UTC, of values that are seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.samples import Grid, Mask, Times, Values

Answer = tuple[Values, Mask]
Seconds = NDArray[np.datetime64]
_FURTHEST = 6.7e10  # seconds, some two thousand years: further dates are NaN


def part(of: Callable[[Seconds], NDArray[np.int64]]) -> Callable[[Grid, Times], Answer]:
    def kernel(grid: Grid, _at: Times) -> Answer:
        near = np.abs(grid.values) <= _FURTHEST
        moments = np.where(near, grid.values, 0.0).astype(np.int64).astype("datetime64[s]")
        return np.where(near, of(moments).astype(np.float64), np.nan), grid.present

    return kernel


def _since(moments: Seconds, unit: str, fine: str) -> NDArray[np.int64]:
    found: NDArray[np.int64] = (moments.astype(f"datetime64[{fine}]") - moments.astype(f"datetime64[{unit}]")).astype(np.int64)
    return found


def minute(moments: Seconds) -> NDArray[np.int64]:
    return _since(moments, "h", "m")


def hour(moments: Seconds) -> NDArray[np.int64]:
    return _since(moments, "D", "h")


def day_of_week(moments: Seconds) -> NDArray[np.int64]:
    """Sunday is 0."""
    days: NDArray[np.int64] = moments.astype("datetime64[D]").astype(np.int64)
    return (days + 4) % 7


def day_of_month(moments: Seconds) -> NDArray[np.int64]:
    return _since(moments, "M", "D") + 1


def day_of_year(moments: Seconds) -> NDArray[np.int64]:
    return _since(moments, "Y", "D") + 1


def days_in_month(moments: Seconds) -> NDArray[np.int64]:
    months = moments.astype("datetime64[M]")
    found: NDArray[np.int64] = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    return found


def month(moments: Seconds) -> NDArray[np.int64]:
    return _since(moments, "Y", "M") + 1


def year(moments: Seconds) -> NDArray[np.int64]:
    found: NDArray[np.int64] = moments.astype("datetime64[Y]").astype(np.int64)
    return found + 1970
