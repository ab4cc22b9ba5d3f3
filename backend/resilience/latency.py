"""Durations in a few buckets, small enough to be sent ten times a second."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

BOUNDS_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
BUCKETS = len(BOUNDS_SECONDS) + 1


def bucket_of(seconds: float) -> int:
    return bisect_left(BOUNDS_SECONDS, seconds)


def quantile(counts: Sequence[int], share: float) -> float | None:
    """An estimate within the bucket that holds it; what lies beyond the last bound counts as the last bound."""
    total = sum(counts)
    if not total:
        return None
    rank, below = share * total, 0
    for index, count in enumerate(counts):
        if count and below + count >= rank:
            return _within(index, (rank - below) / count)
        below += count
    return BOUNDS_SECONDS[-1]


def _within(index: int, share: float) -> float:
    if index >= len(BOUNDS_SECONDS):
        return BOUNDS_SECONDS[-1]
    low = BOUNDS_SECONDS[index - 1] if index else 0.0
    return low + (BOUNDS_SECONDS[index] - low) * share
