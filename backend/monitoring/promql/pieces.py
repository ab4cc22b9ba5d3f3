"""Work on ranges in pieces: arithmetic on arrays cannot be interrupted, so none of it may last much longer than the deadline allows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from backend.monitoring.promql.budget import Budget
from backend.monitoring.promql.samples import Mask, Values
from backend.monitoring.promql.selection import Windows

_AT_ONCE = 1 << 22  # samples of windows that are visited, each as often as it is in one
# these look at the first and last samples of a window, or count through all samples once
_BY_EDGES = frozenset(
    {"rate", "increase", "delta", "irate", "idelta", "changes", "resets", "count_over_time", "present_over_time"}
) | frozenset({"first_over_time", "last_over_time", "ts_of_first_over_time", "ts_of_last_over_time"})


def pieces(name: str, windows: Windows, budget: Budget) -> Iterator[slice]:
    """Steps that may be worked on at once; QueryProblem('timeout') between two of them."""
    borders = [0, len(windows.ends)]
    if name not in _BY_EDGES:
        times, ends = windows.block.times, windows.ends
        held = np.searchsorted(times, ends, side="right") - np.searchsorted(times, ends - windows.range_ms, side="right")
        piece = np.cumsum(np.maximum(held, 0) * len(windows.block.labels)) // _AT_ONCE
        borders[1:1] = (np.flatnonzero(np.diff(piece)) + 1).tolist()
    for begin, end in pairwise(borders):
        budget.check()
        yield slice(begin, end)


def side_by_side(found: list[tuple[Values, Mask]]) -> tuple[Values, Mask]:
    if len(found) == 1:
        return found[0]
    return np.concatenate([values for values, _ in found], axis=1), np.concatenate([present for _, present in found], axis=1)
