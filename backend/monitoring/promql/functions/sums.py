"""Sums and means of windows as exact as Prometheus's, which add by Neumaier."""

from __future__ import annotations

import numpy as np

from backend.monitoring.promql.functions.windows import Indexes, Windows, reduced
from backend.monitoring.promql.samples import Mask, Values

_CANCELS = 4.0  # a sum this much smaller than that of the sizes has lost digits


def sums(windows: Windows) -> Values:
    """Plain sums, and Neumaier's where terms cancel or are not finite."""
    with np.errstate(all="ignore"):
        found = reduced(np.add, windows.values, windows.begin, windows.end)
        if not len(windows.values) or (windows.values.min() >= 0 and windows.values.max() < np.inf):
            return found
        sizes = reduced(np.add, np.abs(windows.values), windows.begin, windows.end)
        doubtful = ~(sizes <= _CANCELS * np.abs(found)) & (windows.counts > 1)
        found[doubtful] = careful(windows.values, windows.begin[doubtful], windows.end[doubtful])
    return found


def careful(samples: Values, begin: Indexes, end: Indexes) -> Values:
    """Term by term for all windows (W,) at once, what rounding loses kept apart."""
    total, lost = np.zeros(len(begin)), np.zeros(len(begin))
    counts = end - begin
    with np.errstate(all="ignore"):
        for place in range(int(counts.max(initial=0))):
            more = np.where(place < counts, samples[np.minimum(begin + place, len(samples) - 1)], 0.0)
            grown = total + more
            error = np.where(np.abs(total) >= np.abs(more), (total - grown) + more, (more - grown) + total)
            lost = np.where(np.isinf(grown), 0.0, lost + error)
            total = grown
        return total + lost


def means(windows: Windows) -> Values:
    """A sum that overflows is taken smaller."""
    with np.errstate(all="ignore"):
        found = sums(windows) / windows.counts
        over = np.isinf(found) & (windows.counts > 0)
        if over.any():
            small = Windows(windows.values * 2.0**-64, windows.times, windows.begin, windows.end)
            finite: Mask = reduced(np.maximum, np.abs(windows.values), windows.begin, windows.end) < np.inf
            found = np.where(over & finite, sums(small) / windows.counts * 2.0**64, found)
        return found
