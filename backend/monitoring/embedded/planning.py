"""Which series are read together, and in which pieces they are found."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.embedded.codecs import Ids
from backend.monitoring.embedded.pieces import Piece, Reading

FILLED = 128  # series: a batch takes no more neighbours

Places = NDArray[np.int64]
Members = Mapping[int, tuple[Places, Places]]  # by layout: which of the wanted it holds, and where


@dataclass(frozen=True)
class Share:
    """Which rows of a batch are which rows of a layout; as slices too, where they follow on each other."""

    rows: Places
    positions: Places
    row_run: slice | None
    position_run: slice | None


@dataclass(frozen=True)
class Part:
    """A batch's share of one piece."""

    piece: Piece
    share: Share


def members_of(connection: sqlite3.Connection, reading: Reading, ids: Ids, found: Sequence[Piece]) -> Members:
    slots = np.full(int(ids[-1]) + 2, -1, np.int64)
    slots[ids] = np.arange(ids.size)
    return {layout: _members(reading.layout(connection, layout), slots) for layout in {piece.layout for piece in found}}


def homes(size: int, found: Sequence[Piece], members: Members) -> tuple[Places, Places]:
    """Of each series, the rank of its newest piece (-1: there is none) and that piece's clock: who is together there goes together."""
    home, clock = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    clocks: dict[tuple[bool, int], int] = {}
    for rank, piece in enumerate(sorted(found, key=lambda piece: (piece.stream, piece.chunk, piece.last, piece.clock))):
        places = members[piece.layout][0]
        home[places] = rank
        clock[places] = clocks.setdefault(piece.clock, len(clocks))
    return home, clock


def parts_of(size: int, found: Sequence[Piece], members: Members, batches: Sequence[Places]) -> list[list[Part]]:
    """Of each batch, which rows are where in which piece."""
    batch_of = np.full(size, -1, np.int64)
    row_of = np.zeros(size, np.int64)
    for number, batch in enumerate(batches):
        batch_of[batch] = number
        row_of[batch] = np.arange(batch.size)
    shares = {layout: _shares(places, positions, batch_of, row_of) for layout, (places, positions) in members.items()}
    parts: list[list[Part]] = [[] for _ in batches]
    for piece in found:
        for number, share in shares[piece.layout]:
            parts[number].append(Part(piece, share))
    return parts


def _members(ids: Ids, slots: Places) -> tuple[Places, Places]:
    """Which of the wanted a layout holds, and where."""
    places = slots[np.minimum(ids, slots.size - 1)]
    positions = np.flatnonzero(places >= 0)
    return places[positions], positions


def batches_of(home: Places, clock: Places, most: int) -> list[Places]:
    """Neighbours of one clock until a batch is filled, ``most`` series at most; series without a piece are in none."""
    order = np.argsort(home, kind="stable")
    order = order[home[order] >= 0]
    found: list[Places] = []
    begun = 0
    for cut in _ends(home[order]):
        while cut - begun > most:
            found.append(order[begun : begun + most])
            begun += most
        if cut - begun >= min(FILLED, most) or cut == order.size or clock[order[cut]] != clock[order[cut - 1]]:
            found.append(order[begun:cut])
            begun = cut
    return found


def _ends(values: Places) -> list[int]:
    """Where each run of equal values ends."""
    return [*(np.flatnonzero(np.diff(values)) + 1).tolist(), values.size] if values.size else []


def _shares(places: Places, positions: Places, batch_of: Places, row_of: Places) -> list[tuple[int, Share]]:
    """A layout's, by the number of the batch."""
    if not places.size:
        return []
    batches = batch_of[places]
    order = np.argsort(batches, kind="stable")
    cuts = np.flatnonzero(np.diff(batches[order])) + 1
    return [(int(batches[part[0]]), _share(row_of[places[part]], positions[part])) for part in np.split(order, cuts)]


def _share(rows: Places, positions: Places) -> Share:
    return Share(rows, positions, _run(rows), _run(positions))


def _run(places: Places) -> slice | None:
    """Places that follow on each other, as a slice."""
    first, last = int(places[0]), int(places[-1])
    return slice(first, last + 1) if last - first + 1 == places.size and bool((np.diff(places) == 1).all()) else None
