"""Sums and means of windows as exact as Prometheus's, which keeps apart what rounding loses (Neumaier's sum)."""

from __future__ import annotations

from functools import partial

import numpy as np

from backend.monitoring.promql.functions.windows import Indexes, Windows, by_pieces, reduced
from backend.monitoring.promql.samples import Values

_CANCELS = 16.0  # a sum this much smaller than that of the sizes is made term by term
_EXACT = 2.0**53  # whole numbers below it have no rounding
_SMALLER = 2.0**-64  # for means whose sum overflows


def sums(windows: Windows) -> Values:
    """Of whole numbers by running totals, of others in extended precision, and Neumaier's where terms cancel or are not finite."""
    samples = windows.values
    sizes = np.abs(samples)
    if sizes.sum() < _EXACT and (np.floor(sizes) == sizes).all():
        totals = np.append(0.0, np.cumsum(samples))
        return windows.at(windows.high, totals) - windows.at(windows.low, totals)
    begin, end = windows.begin, windows.end
    found = reduced(np.add, samples.astype(np.longdouble), begin, end).astype(np.float64)
    if samples.min() >= 0 and sizes.max() < np.inf:
        doubtful = np.isinf(found)
    else:
        doubtful = ~(reduced(np.add, sizes, begin, end) <= _CANCELS * np.abs(found))
    doubtful &= windows.holding()
    found[doubtful] = by_pieces(begin[doubtful], end[doubtful], partial(careful, samples))
    return found


def careful(samples: Values, begin: Indexes, end: Indexes) -> Values:
    """Term by term for all windows (W,) at once; an infinite sum stays."""
    total, lost = np.zeros(len(begin)), np.zeros(len(begin))
    counts = end - begin
    for place in range(int(counts.max(initial=0))):
        more = np.where(place < counts, samples.take(begin + place, mode="clip"), 0.0)
        total, lost = added(more, total, lost)
    return np.where(np.isinf(total), total, total + lost)


def added(more: Values, total: Values, lost: Values, tame: bool = False) -> tuple[Values, Values]:
    """One term of Neumaier's sum: the new total, and all that rounding lost up to now; ``tame`` sums cannot become infinite."""
    grown = total + more
    taken = grown - total
    error = (total - (grown - taken)) + (more - taken)  # what rounding lost, exactly, whichever term is larger (Knuth)
    return grown, lost + error if tame else np.where(np.isinf(grown), 0.0, lost + error)


def means(windows: Windows) -> Values:
    """Where the sum of finite samples overflows, it is taken smaller."""
    found = sums(windows) / windows.counts
    over = ~np.isfinite(found) & windows.holding()
    if over.any():
        begin, end = windows.begin[over], windows.end[over]
        finite = reduced(np.maximum, np.abs(windows.values), begin, end) < np.inf
        small = careful(windows.values * _SMALLER, begin, end) / (end - begin) / _SMALLER
        found[over] = np.where(finite, small, found[over])
    return found
