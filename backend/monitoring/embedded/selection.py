"""From pieces to blocks: head, chunks and layouts that changed are put together so that each series is in one block."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.monitoring.embedded.chunk_codec import Matrix
from backend.monitoring.embedded.codecs import Ids
from backend.monitoring.embedded.pieces import Piece, Reading
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.samples import Block, Mask, Times, Values

FILLED, MOST_ROWS = 128, 256  # series a block
KEPT_BYTES = 32 * 1024 * 1024  # of decoded pieces that several blocks are made of
ALIKE = 8  # rows with gaps that begin and end together make a block without gaps from this number on

Places = NDArray[np.int64]
Members = Mapping[int, tuple[Places, Places]]  # by layout: which of the wanted it holds, and where
ALWAYS = range(-(2**62), 2**62)


@dataclass(frozen=True)
class Part:
    """Which rows of a batch are which rows of a piece."""

    piece: Piece
    rows: Places
    positions: Places


@dataclass(frozen=True)
class Wanted:
    """The series asked for: numbers ascend."""

    ids: Ids
    labels: Sequence[Labels]


def blocks(
    connection: sqlite3.Connection, reading: Reading, wanted: Wanted, found: Sequence[Piece], start: int, end: int
) -> Iterator[Block]:
    """The samples with ``start < time <= end``."""
    members = _members_of(connection, reading, wanted.ids, found)
    batches = _batches(_homes(wanted.ids.size, found, members))
    parts = _parts(wanted.ids.size, found, members, batches)
    cache = Decoded(connection, reading, parts)
    for batch, of_batch in zip(batches, parts, strict=True):
        made = assembled(cache, of_batch, len(batch), start, end)
        if made is not None:
            yield from _parted(made, [wanted.labels[place] for place in batch.tolist()])


def in_groups(connection: sqlite3.Connection, reading: Reading, ids: Ids, found: Sequence[Piece], size: int) -> Iterator[tuple[Ids, Made]]:
    """All that the pieces hold of these series (numbers ascend), so many series at a time."""
    members = _members_of(connection, reading, ids, found)
    groups = [np.arange(begin, min(begin + size, ids.size)) for begin in range(0, ids.size, size)]
    parts = _parts(ids.size, found, members, groups)
    cache = Decoded(connection, reading, parts)
    for group, of_group in zip(groups, parts, strict=True):
        made = assembled(cache, of_group, group.size, ALWAYS.start, ALWAYS.stop)
        if made is not None:
            yield ids[group], made


def _members_of(connection: sqlite3.Connection, reading: Reading, ids: Ids, found: Sequence[Piece]) -> Members:
    slots = np.full(int(ids[-1]) + 2, -1, np.int64)
    slots[ids] = np.arange(ids.size)
    return {layout: _members(reading.layout(connection, layout), slots) for layout in {piece.layout for piece in found}}


def _homes(size: int, found: Sequence[Piece], members: Members) -> Places:
    """The rank of each series' newest piece: series that are together there go together."""
    home = np.full(size, -1, np.int64)
    for rank, piece in enumerate(sorted(found, key=lambda piece: (piece.stream, piece.chunk, piece.last))):
        home[members[piece.layout][0]] = rank
    return home


def _parts(size: int, found: Sequence[Piece], members: Members, batches: Sequence[Places]) -> list[list[Part]]:
    """Of each batch, which rows are where in which piece."""
    batch_of = np.full(size, -1, np.int64)
    row_of = np.zeros(size, np.int64)
    for number, batch in enumerate(batches):
        batch_of[batch] = number
        row_of[batch] = np.arange(batch.size)
    shares = {layout: _shares(places, positions, batch_of, row_of) for layout, (places, positions) in members.items()}
    parts: list[list[Part]] = [[] for _ in batches]
    for piece in found:
        for number, rows, positions in shares[piece.layout]:
            parts[number].append(Part(piece, rows, positions))
    return parts


def _members(ids: Ids, slots: Places) -> tuple[Places, Places]:
    """Which of the wanted a layout holds, and where."""
    places = slots[np.minimum(ids, slots.size - 1)]
    positions = np.flatnonzero(places >= 0)
    return places[positions], positions


def _batches(home: Places) -> list[Places]:
    """Neighbours of like home until a batch is filled; series without a piece are in none."""
    order = np.argsort(home, kind="stable")
    order = order[home[order] >= 0]
    if not order.size:
        return []
    cuts = np.flatnonzero(np.diff(home[order])) + 1
    found: list[Places] = []
    begun = 0
    for cut in [*cuts.tolist(), order.size]:
        while cut - begun > MOST_ROWS:
            found.append(order[begun : begun + MOST_ROWS])
            begun += MOST_ROWS
        if cut - begun >= FILLED:
            found.append(order[begun:cut])
            begun = cut
    if begun < order.size:
        found.append(order[begun:])
    return found


def _shares(places: Places, positions: Places, batch_of: Places, row_of: Places) -> list[tuple[int, Places, Places]]:
    if not places.size:
        return []
    batches = batch_of[places]
    order = np.argsort(batches, kind="stable")
    cuts = np.flatnonzero(np.diff(batches[order])) + 1
    return [(int(batches[part[0]]), row_of[places[part]], positions[part]) for part in np.split(order, cuts)]


class Decoded:
    """Pieces as arrays; those of several batches are kept a while."""

    def __init__(self, connection: sqlite3.Connection, reading: Reading, parts: Sequence[Sequence[Part]]) -> None:
        self._connection = connection
        self._reading = reading
        self._uses: dict[tuple[bool, int], int] = defaultdict(int)
        for batch in parts:
            for part in batch:
                self._uses[part.piece.key] += 1
        self._kept: OrderedDict[tuple[bool, int], tuple[Times, Matrix] | None] = OrderedDict()
        self._bytes = 0

    def get(self, piece: Piece) -> tuple[Times, Matrix] | None:
        self._uses[piece.key] -= 1
        if piece.key in self._kept:
            found = self._kept[piece.key]
            if not self._uses[piece.key]:
                self._drop(piece.key)
            return found
        found = self._reading.read(self._connection, piece)
        if self._uses[piece.key]:
            self._keep(piece.key, found)
        return found

    def _keep(self, key: tuple[bool, int], found: tuple[Times, Matrix] | None) -> None:
        self._kept[key] = found
        self._bytes += _size(found)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[bool, int]) -> None:
        self._bytes -= _size(self._kept.pop(key))


def _size(found: tuple[Times, Matrix] | None) -> int:
    return 0 if found is None else found[1].values.nbytes


@dataclass(frozen=True)
class Made:
    times: Times
    values: Values
    present: Mask | None
    stale: bool


@dataclass(frozen=True)
class _Cut:
    """The columns of a part that were asked for."""

    part: Part
    times: Times
    values: Values
    present: Mask | None


def _cut(part: Part, read: tuple[Times, Matrix], start: int, end: int) -> _Cut | None:
    times, matrix = read
    begin, stop = np.searchsorted(times, [start, end], side="right").tolist()
    if begin == stop:
        return None
    everything = part.positions.size == matrix.values.shape[0] and bool((part.positions == np.arange(part.positions.size)).all())
    columns = slice(begin, stop)
    if everything:
        present = None if matrix.present is None else matrix.present[:, columns]
        return _Cut(part, times[columns], matrix.values[:, columns], present)
    present = None if matrix.present is None else matrix.present[part.positions, columns]
    return _Cut(part, times[columns], matrix.values[part.positions, columns], present)


def assembled(cache: Decoded, parts: Sequence[Part], rows: int, start: int, end: int) -> Made | None:
    """Pieces are taken as they come in time; those of one clock stand beside each other, else instants are merged."""
    cuts = []
    for part in parts:
        read = cache.get(part.piece)
        cut = None if read is None else _cut(part, read, start, end)
        if cut is not None:
            cuts.append(cut)
    if not cuts:
        return None
    stale = any(cut.part.piece.stale for cut in cuts)
    clocks: dict[tuple[bool, int], list[_Cut]] = defaultdict(list)
    for cut in sorted(cuts, key=lambda cut: (int(cut.times[0]), int(cut.times[-1]))):
        clocks[cut.part.piece.clock].append(cut)
    spans = [of_clock[0].times for of_clock in clocks.values()]
    follow = all(before[-1] < after[0] for before, after in pairwise(spans))
    times = np.concatenate(spans) if follow else np.unique(np.concatenate(spans))
    full = follow and all(_fills(of_clock, rows) for of_clock in clocks.values())
    values = np.empty((rows, times.size)) if full else np.zeros((rows, times.size))
    present = None if full else np.zeros((rows, times.size), np.bool_)
    for cut in cuts:
        _put(cut, times, values, present)
    if present is not None and present.all():
        present = None
    return Made(times, values, present, stale)


def _fills(cuts: Sequence[_Cut], rows: int) -> bool:
    """Every row has a sample at each of these instants; one clock's pieces share no row."""
    return sum(cut.part.rows.size for cut in cuts) == rows and all(cut.present is None for cut in cuts)


def _put(cut: _Cut, times: Times, values: Values, present: Mask | None) -> None:
    begin = int(np.searchsorted(times, cut.times[0]))
    end = begin + cut.times.size
    rows = cut.part.rows
    if end <= times.size and times[end - 1] == cut.times[-1]:
        first = int(rows[0])
        where = slice(first, first + rows.size) if rows[-1] - first + 1 == rows.size and (np.diff(rows) == 1).all() else rows
        _write(cut, values, present, (where, slice(begin, end)))
    else:
        _write(cut, values, present, np.ix_(rows, np.searchsorted(times, cut.times)))


def _write(cut: _Cut, values: Values, present: Mask | None, where: tuple[object, ...]) -> None:
    if cut.present is None:
        values[where] = cut.values  # type: ignore[index]
        if present is not None:
            present[where] = True  # type: ignore[index]
        return
    values[where] = np.where(cut.present, cut.values, values[where])  # type: ignore[index]
    if present is not None:
        present[where] |= cut.present  # type: ignore[index]


def _parted(made: Made, labels: Sequence[Labels]) -> Iterator[Block]:
    """Without gaps where that can be: rows that only begin later or end earlier are a block of their own."""
    if made.present is None:
        yield Block(labels, made.times, made.values, None, made.stale)
        return
    first = np.argmax(made.present, axis=1)
    last = made.times.size - 1 - np.argmax(made.present[:, ::-1], axis=1)
    counts = np.count_nonzero(made.present, axis=1)
    whole = (counts > 0) & (counts == last - first + 1)
    spans, which, sizes = np.unique(np.stack([first, last], axis=1)[whole], axis=0, return_inverse=True, return_counts=True)
    rest = counts > 0
    for number in np.flatnonzero((sizes >= ALIKE) | (sizes == len(labels))).tolist():
        rows = np.flatnonzero(whole)[which.reshape(-1) == number]
        begin, end = spans[number].tolist()
        yield Block(
            [labels[row] for row in rows.tolist()], made.times[begin : end + 1], made.values[rows, begin : end + 1], None, made.stale
        )
        rest[rows] = False
    if rest.any():
        yield Block([labels[row] for row in np.flatnonzero(rest).tolist()], made.times, made.values[rest], made.present[rest], made.stale)
