"""From pieces to blocks: head, chunks and layouts that changed are put together so that each series is in one block."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from backend.monitoring.embedded.codecs import Ids
from backend.monitoring.embedded.decoding import Decoded
from backend.monitoring.embedded.pieces import Piece, Reading
from backend.monitoring.embedded.planning import Part, batches_of, homes, members_of, parts_of
from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.samples import Block, Mask, Times, Values

CELLS = 2_000_000  # of one block, if it has not too few rows then
FEWEST_ROWS, MOST_ROWS = 16, 256
ALIKE = 8  # rows with gaps that begin and end together make a block without gaps from this number on
ALWAYS = (-(2**62), 2**62)


@dataclass(frozen=True)
class Wanted:
    """The series asked for: numbers ascend."""

    ids: Ids
    labels: Sequence[Labels]


@dataclass(frozen=True)
class Made:
    """Rows at common instants; ``present`` None: without gaps."""

    times: Times
    values: Values
    present: Mask | None
    stale: bool


def blocks(
    connection: sqlite3.Connection, reading: Reading, wanted: Wanted, found: Sequence[Piece], start: int, end: int
) -> Iterator[Block]:
    """The samples with ``start < time <= end``."""
    members = members_of(connection, reading, wanted.ids, found)
    used = [piece for piece in found if members[piece.layout][0].size]
    batches = batches_of(*homes(wanted.ids.size, used, members), _most_rows(used))
    parts = parts_of(wanted.ids.size, used, members, batches)
    cache = Decoded(connection, reading, parts)
    for batch, of_batch in zip(batches, parts, strict=True):
        made = _assembled(cache, of_batch, len(batch), start, end)
        if made is not None:
            yield from _parted(made, [wanted.labels[place] for place in batch.tolist()])


def in_groups(connection: sqlite3.Connection, reading: Reading, ids: Ids, found: Sequence[Piece], size: int) -> Iterator[tuple[Ids, Made]]:
    """All that the pieces hold of these series (numbers ascend), so many series at a time."""
    members = members_of(connection, reading, ids, found)
    groups = [np.arange(begin, min(begin + size, ids.size)) for begin in range(0, ids.size, size)]
    parts = parts_of(ids.size, found, members, groups)
    cache = Decoded(connection, reading, parts)
    for group, of_group in zip(groups, parts, strict=True):
        made = _assembled(cache, of_group, group.size, *ALWAYS)
        if made is not None:
            yield ids[group], made


def _most_rows(found: Sequence[Piece]) -> int:
    """So that a block has some two million cells, whatever the time asked for."""
    instants: dict[int, dict[tuple[bool, int], int]] = defaultdict(dict)
    for piece in found:
        instants[piece.stream][piece.clock] = piece.count
    longest = max((sum(counts.values()) for counts in instants.values()), default=1)
    return max(FEWEST_ROWS, min(MOST_ROWS, CELLS // longest))


@dataclass(frozen=True)
class _Cut:
    """The columns of a part that were asked for."""

    part: Part
    times: Times
    begin: int
    whole: bool

    @property
    def columns(self) -> slice:
        return slice(self.begin, self.begin + self.times.size)


def _cut(part: Part, times: Times, start: int, end: int) -> _Cut | None:
    begin, stop = np.searchsorted(times, [start, end], side="right").tolist()
    return None if begin == stop else _Cut(part, times[begin:stop], begin, stop - begin == times.size)


@dataclass
class _Canvas:
    """Where a batch is put together. ``full``: each cell will have its sample, unless a piece says otherwise."""

    times: Times
    values: Values
    full: bool
    present: Mask | None = field(init=False)

    def __post_init__(self) -> None:
        self.present = None if self.full else np.zeros(self.values.shape, np.bool_)

    def mask(self) -> Mask:
        if self.present is None:
            self.present = np.ones(self.values.shape, np.bool_)
        return self.present

    def columns(self, times: Times) -> slice | None:
        """Where these instants are, if nothing lies between them."""
        begin = int(np.searchsorted(self.times, times[0]))
        end = begin + times.size
        return slice(begin, end) if end <= self.times.size and self.times[end - 1] == times[-1] else None


def _assembled(cache: Decoded, parts: Sequence[Part], rows: int, start: int, end: int) -> Made | None:
    """Pieces of one clock stand beside each other, clocks follow on each other; where they do not, instants are merged."""
    clocks: dict[tuple[bool, int], list[_Cut]] = defaultdict(list)
    for part in parts:
        times = cache.times(part.piece)
        cut = None if times is None else _cut(part, times, start, end)
        if cut is not None:
            clocks[part.piece.clock].append(cut)
    if not clocks:
        return None
    spans = sorted((cuts[0].times for cuts in clocks.values()), key=lambda times: int(times[0]))
    follow = all(before[-1] < after[0] for before, after in pairwise(spans))
    times = np.concatenate(spans) if follow else np.unique(np.concatenate(spans))
    full = follow and all(sum(cut.part.share.rows.size for cut in cuts) == rows for cuts in clocks.values())
    canvas = _Canvas(times, np.empty((rows, times.size)) if full else np.zeros((rows, times.size)), full)
    every = [cut for cuts in clocks.values() for cut in cuts]
    for cut in every:
        _put(cache, cut, canvas)
    present = None if canvas.present is None or canvas.present.all() else canvas.present
    return Made(times, canvas.values, present, any(cut.part.piece.stale for cut in every))


def _put(cache: Decoded, cut: _Cut, canvas: _Canvas) -> None:
    columns, share = canvas.columns(cut.times), cut.part.share
    whole = cut.whole and share.position_run is not None and share.position_run.start == 0
    if canvas.full and whole and columns is not None and share.row_run is not None and cache.is_alone(cut.part.piece, share):
        there, present = cache.read_into(cut.part.piece, canvas.values[share.row_run, columns])
        _note(canvas, (share.row_run, columns), there, present)
        return
    rows = share.rows if share.row_run is None else share.row_run
    where: Any = np.ix_(share.rows, np.searchsorted(canvas.times, cut.times)) if columns is None else (rows, columns)
    matrix = cache.get(cut.part.piece)
    if matrix is None:
        _note(canvas, where, False, None)
        return
    chosen = share.positions if share.position_run is None else share.position_run
    present = None if matrix.present is None else matrix.present[chosen, cut.columns]
    _write(canvas, where, matrix.values[chosen, cut.columns], present)


def _note(canvas: _Canvas, where: Any, there: bool, present: Mask | None) -> None:
    """On a full canvas: where samples are missing after all."""
    if not canvas.full:
        return
    if not there:
        canvas.values[where] = 0.0
        canvas.mask()[where] = False
    elif present is not None:
        canvas.mask()[where] = present


def _write(canvas: _Canvas, where: Any, values: Values, present: Mask | None) -> None:
    if present is None or canvas.full:
        canvas.values[where] = values
    else:
        canvas.values[where] = np.where(present, values, canvas.values[where])
    if canvas.full:
        _note(canvas, where, True, present)
    else:
        canvas.mask()[where] |= True if present is None else present


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
