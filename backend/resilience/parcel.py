"""What breakers have to tell, packed for one exchange."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backend.resilience.breaker import Breaker
from backend.resilience.shared_state import Batch

_MOST_BREAKERS = 200  # in one exchange, so that no script keeps the store from others for long

Told = tuple[tuple[Breaker, Batch], ...]


@dataclass(frozen=True)
class Parcel:
    """What some breakers had to tell at one moment; it keeps its number until it was heard, so that it counts once."""

    sequence: int
    collected_at: float
    batches: Told


def chunks(told: Sequence[tuple[Breaker, Batch]]) -> Iterator[Told]:
    """Parts of an exchange each; one, though empty, where there is nothing to tell: that too says that a process lives."""
    for start in range(0, max(1, len(told)), _MOST_BREAKERS):
        yield tuple(told[start : start + _MOST_BREAKERS])
