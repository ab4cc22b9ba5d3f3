"""Room for crowded glyphs on a circle."""

from __future__ import annotations

from collections.abc import Sequence


def spread(angles: Sequence[float], gap: float) -> list[float]:
    """Angles pushed apart to at least ``gap`` degrees, in their order and as near to their own places as that allows.

    The circle is cut at its widest gap; then it is least squares under an order, solved by pooling neighbours.
    """
    count = len(angles)
    if count < 2:
        return list(angles)
    gap = min(gap, 360 / count)
    order = sorted(range(count), key=lambda index: angles[index] % 360)
    start = _after_widest_gap([angles[index] % 360 for index in order])
    order = order[start:] + order[:start]
    first = angles[order[0]] % 360
    wanted = [(angles[index] - first) % 360 - gap * step for step, index in enumerate(order)]
    placed = [0.0] * count
    for step, (index, value) in enumerate(zip(order, _pooled(wanted), strict=True)):
        placed[index] = (first + value + gap * step) % 360
    return placed


def _after_widest_gap(ordered: Sequence[float]) -> int:
    """The index of the angle that follows the widest empty stretch."""
    return max(range(len(ordered)), key=lambda index: (ordered[index] - ordered[index - 1]) % 360)


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
