"""The pieces a file is made of: rows of the head and chunks, and how one becomes an array."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np

from backend.monitoring.embedded.catalogue import read_layout
from backend.monitoring.embedded.chunk_codec import Matrix, decode
from backend.monitoring.embedded.codecs import Ids, checksum, head_arrays, times_array
from backend.monitoring.embedded.records import BLOCK_MS, Damaged
from backend.monitoring.promql.samples import Times, Values

Key = tuple[str, int]  # a table and a row of it
HeadRow = tuple[int, int, int, int, int, int, int, int]
ChunkRow = tuple[int, int, int, int, int, int, int, int]

RUN_CELLS = 1_000_000  # so many values of head rows are read at once
MOST_TIMES = 2048


@dataclass(frozen=True)
class Piece:
    """Samples of one layout: one chunk, or some rows of the head that follow on each other. ``clock`` is what its instants are known by."""

    chunk: bool
    rows: tuple[int, ...]
    stream: int
    first: int
    last: int
    layout: int
    times: int
    count: int
    stale: bool

    @property
    def clock(self) -> tuple[bool, int]:
        return (True, self.times) if self.chunk else (False, self.rows[0])

    @property
    def key(self) -> Key:
        return ("chunk" if self.chunk else "head", self.rows[0])

    @property
    def keys(self) -> set[Key]:
        """Of each row, and of the list of series."""
        return {("chunk" if self.chunk else "head", row) for row in self.rows} | {("layout", self.layout)}


class Reading:
    """What one process remembers of a file between questions: lists of series, instants, and what was found damaged."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._epoch = -1
        self._layouts: dict[int, Ids] = {}
        self._times: OrderedDict[int, Times] = OrderedDict()
        self.damaged: set[Key] = set()

    def begin(self, connection: sqlite3.Connection) -> None:
        """Lists that nothing refers to any more have been taken out: what was remembered goes as well."""
        (epoch,) = connection.execute("SELECT value FROM fact WHERE name='layouts'").fetchone()
        with self._lock:
            if epoch != self._epoch:
                self._layouts, self._epoch = {}, epoch
                self._times.clear()

    def layout(self, connection: sqlite3.Connection, number: int) -> Ids:
        found = self._layouts.get(number)
        if found is None:
            found = read_layout(connection, number)
            with self._lock:
                self._layouts[number] = found
                if not found.size:
                    self.damaged.add(("layout", number))
        return found

    def forget(self, gone: Iterable[Piece]) -> None:
        """Pieces that are no more: what was damaged among them is counted in the file."""
        with self._lock:
            for piece in gone:
                self.damaged -= piece.keys

    def _times_of(self, connection: sqlite3.Connection, piece: Piece) -> Times:
        """Of a chunk. Damaged if they are not what was written."""
        found = self._times.get(piece.times)
        if found is None:
            row = connection.execute("SELECT crc, body FROM times WHERE id=?", [piece.times]).fetchone()
            if row is None or checksum(row[1]) != row[0]:
                raise Damaged("instants")
            found = times_array(row[1])
            with self._lock:
                self._times[piece.times] = found
                while len(self._times) > MOST_TIMES:
                    self._times.popitem(last=False)
        return found

    def times_of(self, connection: sqlite3.Connection, piece: Piece) -> Times | None:
        """A chunk's instants; None, and noted, if they are damaged."""
        try:
            return self._times_of(connection, piece)
        except (Damaged, sqlite3.DatabaseError):
            self._note(piece)
            return None

    def read(self, connection: sqlite3.Connection, piece: Piece, into: Values | None = None) -> tuple[Times, Matrix] | None:
        """A piece's instants and samples (a chunk's in ``into``, if that is given); None, and noted, if it is damaged: that is a gap."""
        try:
            if piece.chunk:
                times = self._times_of(connection, piece)
                return times, _chunk(connection, piece, times, len(self.layout(connection, piece.layout)), into)
            return self._head(connection, piece)
        except (Damaged, sqlite3.DatabaseError):
            self._note(piece)
            return None

    def _note(self, piece: Piece) -> None:
        with self._lock:
            self.damaged.add(piece.key)

    def _head(self, connection: sqlite3.Connection, piece: Piece) -> tuple[Times, Matrix] | None:
        size = len(self.layout(connection, piece.layout))
        every: list[Times] = []
        values = []
        for row in piece.rows:
            found = connection.execute("SELECT count, crc, body FROM head WHERE id=?", [row]).fetchone()
            if found is None or checksum(found[2]) != found[1]:
                with self._lock:
                    self.damaged.add(("head", row))
                continue
            times, part = head_arrays(found[2], found[0], size)
            every.append(times)
            values.append(part)
        if not every:
            return None
        return np.concatenate(every), Matrix(np.concatenate(values, axis=1))


_HEAD = "SELECT stream, layout, head.id, first, last, count, stale, size FROM head JOIN layout ON layout.id=head.layout"
_CHUNK = "SELECT id, stream, first, last, layout, times, count, stale FROM chunk"


def pieces(connection: sqlite3.Connection, start: int, end: int) -> list[Piece]:
    """What has a sample with ``start < time <= end``, chunks first, each in the order of time."""
    chunks = connection.execute(f"{_CHUNK} WHERE last > ? AND first <= ? ORDER BY last", [start, end])
    found = [_chunk_piece(row) for row in chunks]
    head = connection.execute(f"{_HEAD} WHERE last > ? AND first <= ? ORDER BY stream, first, head.id", [start, end]).fetchall()
    return found + list(_runs(head))


def pieces_of(connection: sqlite3.Connection, stream: int, block: int, before: int | None) -> list[Piece]:
    """All of one stream in one block, or only the rows of the head that ended by ``before``."""
    begin, end = block * BLOCK_MS, (block + 1) * BLOCK_MS
    asked = [stream, begin, end, end if before is None else before]
    head = connection.execute(f"{_HEAD} WHERE stream=? AND last >= ? AND last < ? AND last <= ? ORDER BY first, head.id", asked).fetchall()
    found = list(_runs(head))
    if before is not None:
        return found
    chunks = connection.execute(
        f"{_CHUNK} WHERE last >= ? AND last < ? AND stream=? AND block=? ORDER BY last", [begin, end, stream, block]
    )
    return [_chunk_piece(row) for row in chunks] + found


def _runs(rows: Sequence[HeadRow]) -> Iterator[Piece]:
    """Rows of one stream and layout that follow on each other, some million values at a time."""
    begun = 0
    cells = 0
    for place, (stream, layout, _, first, _, count, _, size) in enumerate(rows):
        before = rows[place - 1]
        more = count * size
        if place > begun and ((stream, layout) != before[:2] or first <= before[4] or cells + more > RUN_CELLS):
            yield _run(rows[begun:place])
            begun, cells = place, 0
        cells += more
    if rows:
        yield _run(rows[begun:])


def _chunk_piece(row: ChunkRow) -> Piece:
    number, stream, first, last, layout, times, count, stale = row
    return Piece(True, (number,), stream, first, last, layout, times, count, bool(stale))


def _run(rows: Sequence[HeadRow]) -> Piece:
    stream, layout = rows[0][:2]
    return Piece(
        False,
        tuple(row[2] for row in rows),
        stream,
        rows[0][3],
        rows[-1][4],
        layout,
        0,
        sum(row[5] for row in rows),
        any(row[6] for row in rows),
    )


def _chunk(connection: sqlite3.Connection, piece: Piece, times: Times, size: int, into: Values | None) -> Matrix:
    row = connection.execute("SELECT crc, body FROM chunk WHERE id=?", [piece.rows[0]]).fetchone()
    if row is None or checksum(row[1]) != row[0]:
        raise Damaged("a chunk")
    return decode(row[1], (size, len(times)), into)
