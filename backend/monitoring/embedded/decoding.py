"""Pieces as arrays, for the time of one question."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict, defaultdict
from collections.abc import Sequence

from backend.monitoring.embedded.chunk_codec import Matrix
from backend.monitoring.embedded.pieces import Key, Piece, Reading
from backend.monitoring.embedded.planning import Part, Share
from backend.monitoring.promql.samples import Mask, Times, Values

KEPT_BYTES = 32 * 1024 * 1024  # of decoded pieces that several batches are made of


class Decoded:
    """A piece that several batches need is kept for a while."""

    def __init__(self, connection: sqlite3.Connection, reading: Reading, parts: Sequence[Sequence[Part]]) -> None:
        self._connection = connection
        self._reading = reading
        self._uses: dict[Key, int] = defaultdict(int)
        for batch in parts:
            for part in batch:
                self._uses[part.piece.key] += 1
        self._kept: OrderedDict[Key, tuple[Times, Matrix] | None] = OrderedDict()
        self._bytes = 0

    def times(self, piece: Piece) -> Times | None:
        """Of a chunk they are known before it is decoded. None: the piece is damaged."""
        if piece.chunk:
            return self._reading.times_of(self._connection, piece)
        found = self._kept[piece.key] if piece.key in self._kept else self._reading.read(self._connection, piece)
        self._keep(piece.key, found)
        return None if found is None else found[0]

    def get(self, piece: Piece) -> Matrix | None:
        """None: the piece is damaged. Each use is asked for once."""
        self._uses[piece.key] -= 1
        found = self._kept[piece.key] if piece.key in self._kept else self._reading.read(self._connection, piece)
        if self._uses[piece.key]:
            self._keep(piece.key, found)
        else:
            self._drop(piece.key)
        return None if found is None else found[1]

    def is_alone(self, piece: Piece, share: Share) -> bool:
        """This share is all of a chunk, and nobody else will want it."""
        size = self._reading.layout(self._connection, piece.layout).size
        return piece.chunk and share.rows.size == size and self._uses[piece.key] == 1 and piece.key not in self._kept

    def read_into(self, piece: Piece, values: Values) -> tuple[bool, Mask | None]:
        """A whole chunk to where it is wanted; whether it could be read, and where its samples are."""
        self._uses[piece.key] -= 1
        found = self._reading.read(self._connection, piece, values)
        return (False, None) if found is None else (True, found[1].present)

    def _keep(self, key: Key, found: tuple[Times, Matrix] | None) -> None:
        self._drop(key)
        self._kept[key] = found
        self._bytes += _size(found)
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._bytes -= _size(self._kept.pop(key, None))


def _size(found: tuple[Times, Matrix] | None) -> int:
    return 0 if found is None else found[1].values.nbytes
