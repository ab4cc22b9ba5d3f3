"""What is evaluated: samples of several series as arrays, and the source that gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.promql.labels import Labels, Matcher

Times = NDArray[np.int64]  # milliseconds since 1970, ascending
Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

STALE_BITS = 0x7FF0000000000002  # Prometheus's marker: this series ended here
STALE = float(np.array(STALE_BITS, dtype=np.uint64).view(np.float64))


def stale_among(values: Values) -> Mask:
    """Where ``values`` (any shape) are the marker; an ordinary NaN is a value."""
    found: Mask = np.ascontiguousarray(values).view(np.uint64) == np.uint64(STALE_BITS)
    return found


@dataclass(frozen=True)
class Block:
    """S series that share T instants. Without ``present`` every sample is there; where ``present`` is False, none is.

    A stale marker is a sample that is present and has the marker's bits; the source says in ``stale`` whether there may be any.
    """

    labels: Sequence[Labels]
    times: Times  # (T,)
    values: Values  # (S, T)
    present: Mask | None = None  # (S, T)
    stale: bool = False


@dataclass(frozen=True)
class Grid:
    """S series at the N steps of a query; where ``present`` is False there is no sample (its value is then arbitrary).

    ``unnamed`` says which series lose ``__name__`` when the whole query is answered (None: none does); until then the name stands
    in ``labels`` and may be read, so a function that changes labels hands ``unnamed`` on, and clears it where it sets the name.
    """

    labels: Sequence[Labels]
    values: Values  # (S, N)
    present: Mask  # (S, N)
    unnamed: Mask | None = None  # (S,)


class SampleSource(Protocol):
    """Where samples are kept."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[Block]:
        """The samples with ``start < time <= end`` (ms) of the series that match, some hundreds of series a block.

        Each series is in one block only, and only series that have a sample there need come. The caller stops when it has had enough.
        """
        ...
