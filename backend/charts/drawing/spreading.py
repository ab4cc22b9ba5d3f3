"""Things in a row moved as little as possible (least squares) so that each keeps its distance from the next.

Isotonic regression: subtract the distances, pool adjacent violators, cut to the ends, add the distances again
(Barlow and others, Statistical Inference under Order Restrictions, 1972).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def in_order(wanted: Sequence[float], gaps: Sequence[float], low: float, high: float) -> list[float]:
    """Places near the wanted ones, which ascend: ``gaps[i]`` apart at least, the first from ``low`` on, the last at ``high`` at most.

    Where the gaps need more than there is between the ends, the last stands beyond ``high``.
    """
    offsets = [0.0, *accumulate(gaps)][: len(wanted)]
    pooled = _pooled([place - offset for place, offset in zip(wanted, offsets, strict=True)])
    latest = max(low, high - (offsets[-1] if offsets else 0.0))
    return [min(max(value, low), latest) + offset for value, offset in zip(pooled, offsets, strict=True)]


def _pooled(values: Sequence[float]) -> list[float]:
    """The nearest non-decreasing sequence (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            earlier, members = pools.pop()
            total, count = total + earlier, count + members
        pools.append((total, count))
    return [total / count for total, count in pools for _ in range(count)]
