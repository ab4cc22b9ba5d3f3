"""Rows of the head become chunks: small ones each ten minutes, so that the head stays short, and one set for each two hours past."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backend.monitoring.embedded import selection
from backend.monitoring.embedded.catalogue import Catalogue
from backend.monitoring.embedded.chunk_codec import Matrix, encode
from backend.monitoring.embedded.codecs import Ids, checksum, times_body
from backend.monitoring.embedded.pieces import Key, Piece, Reading, pieces_of
from backend.monitoring.embedded.records import BLOCK_MS
from backend.monitoring.promql.samples import Mask, Times, Values, stale_among

GROUP = 128  # series a chunk
OPEN_MS = 600_000  # rows of the head of a block that is not over wait as long as this
SETTLED_MS = 60_000  # what is younger may still be followed by older samples of other series
SPARSE = 0.5  # series of which more than this share of a common clock is missing get clocks of their own
MOST_ROWS = 1000  # of the head at once


@dataclass(frozen=True)
class Work:
    """What is to be made of one stream in one block. ``before``: only rows of the head that ended by then, as the block is not over."""

    stream: int
    block: int
    before: int | None


@dataclass(frozen=True)
class NewChunk:
    ids: Ids
    times: Times
    stale: bool
    body: bytes
    ends: Times | None = None  # when each series was written last, where that is not at the last instant for all


@dataclass(frozen=True)
class Made:
    """Chunks that take the place of rows; ``damaged`` pieces could not be read and are left out."""

    work: Work
    sources: Sequence[Piece]
    chunks: Sequence[NewChunk]
    damaged: int


def due(connection: sqlite3.Connection, now: int) -> list[Work]:
    """The oldest first."""
    over = (now - SETTLED_MS) // BLOCK_MS  # the first block that is not
    found = {(block, stream): Work(stream, block, None) for stream, block in _unmerged(connection, over)}
    asked = "SELECT stream, last / ?, min(first), count(*) FROM head WHERE last <= ? GROUP BY 1, 2"
    for stream, block, first, rows in connection.execute(asked, [BLOCK_MS, now - SETTLED_MS]):
        if block < over:
            found[block, stream] = Work(stream, block, None)
        elif first <= now - OPEN_MS or rows >= MOST_ROWS:
            found[block, stream] = Work(stream, block, now - SETTLED_MS)
    return [found[key] for key in sorted(found)]


def _unmerged(connection: sqlite3.Connection, over: int) -> list[tuple[int, int]]:
    asked = "SELECT DISTINCT stream, block FROM chunk WHERE level=0 AND last < ?"
    return connection.execute(asked, [over * BLOCK_MS]).fetchall()


def make(connection: sqlite3.Connection, reading: Reading, work: Work) -> Made:
    """The costly part, while others may write."""
    sources = pieces_of(connection, work.stream, work.block, work.before)
    layouts = {piece.layout for piece in sources}
    every = [reading.layout(connection, layout) for layout in layouts]
    ids = np.unique(np.concatenate(every)) if every else np.empty(0, np.int64)
    chunks: list[NewChunk] = []
    if ids.size:
        for members, made in selection.in_groups(connection, reading, ids, sources, GROUP):
            chunks.extend(_chunks(members, made))
    return Made(work, sources, chunks, len(reading.damaged & set[Key]().union(*(piece.keys for piece in sources))))


def _chunks(ids: Ids, made: selection.Made) -> Iterator[NewChunk]:
    if made.present is None:
        yield _chunk(ids, made.times, made.values, None)
        return
    some = made.present.any(axis=1)
    ids, values, present = ids[some], made.values[some], made.present[some]
    if ids.size and present.mean() >= SPARSE:
        yield _chunk(ids, made.times, values, present)
        return
    _, which = np.unique(np.packbits(present, axis=1), axis=0, return_inverse=True)
    for number in np.unique(which):
        rows = which.reshape(-1) == number
        columns = present[rows][0]
        yield _chunk(ids[rows], made.times[columns], values[rows][:, columns], None)


def _chunk(ids: Ids, times: Times, values: Values, present: Mask | None) -> NewChunk:
    stale = stale_among(values)
    some = bool((stale if present is None else stale & present).any())
    return NewChunk(ids, times, some, encode(Matrix(values, present)), None if present is None else _ends(times, present))


def _ends(times: Times, present: Mask) -> Times | None:
    last = times[times.size - 1 - np.argmax(present[:, ::-1], axis=1)]
    return None if bool((last == times[-1]).all()) else last


def replace(connection: sqlite3.Connection, catalogue: Catalogue, made: Made) -> None:
    """Within the caller's transaction: the chunks go in, what they were made of goes out."""
    clocks: dict[bytes, int] = {}
    for chunk in made.chunks:
        key = chunk.times.tobytes()
        if key not in clocks:
            clocks[key] = _add_times(connection, chunk.times)
        _add_chunk(connection, made.work, catalogue.layout(connection, chunk.ids), clocks[key], chunk)
    rows = [(row,) for piece in made.sources if not piece.chunk for row in piece.rows]
    connection.executemany("DELETE FROM head WHERE id=?", rows)
    for table, name in (("chunk", "id"), ("ended", "chunk")):
        connection.executemany(f"DELETE FROM {table} WHERE {name}=?", [piece.rows for piece in made.sources if piece.chunk])
    connection.executemany("DELETE FROM times WHERE id=?", [(clock,) for clock in {piece.times for piece in made.sources if piece.chunk}])
    if made.damaged:
        add = "INSERT INTO fact VALUES ('damaged:pieces', ?) ON CONFLICT (name) DO UPDATE SET value=value+excluded.value"
        connection.execute(add, [made.damaged])


def _add_times(connection: sqlite3.Connection, times: Times) -> int:
    body = times_body(times)
    return int(connection.execute("INSERT INTO times (crc, body) VALUES (?, ?) RETURNING id", [checksum(body), body]).fetchone()[0])


def _add_chunk(connection: sqlite3.Connection, work: Work, layout: int, times: int, chunk: NewChunk) -> None:
    level = 1 if work.before is None else 0
    span = (int(chunk.times[0]), int(chunk.times[-1]))
    row = connection.execute(
        "INSERT INTO chunk (stream, block, level, first, last, count, layout, times, stale, crc, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [
            *(work.stream, work.block, level),
            *(*span, len(chunk.times), layout, times, chunk.stale, checksum(chunk.body), chunk.body),
        ],
    ).fetchone()
    if chunk.ends is not None:
        connection.execute("INSERT INTO ended VALUES (?, ?)", [row[0], times_body(chunk.ends)])
