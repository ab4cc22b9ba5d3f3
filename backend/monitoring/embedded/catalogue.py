"""The numbers of series and of layouts, as a writer needs them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

import numpy as np

from backend.monitoring.embedded.codecs import Ids, checksum, ids_array, ids_body
from backend.monitoring.embedded.records import Damaged
from backend.monitoring.promql.labels import Labels

REFUSED = 0  # the number of a series that may not be


def labels_text(labels: Labels) -> str:
    return json.dumps(labels, ensure_ascii=False, separators=(",", ":"))


def labels_read(text: str) -> Labels:
    return tuple((name, value) for name, value in json.loads(text))


def key_of(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()


class Catalogue:
    """Remembers what this process has numbered. ``begin`` it in each transaction: another process may have taken series out."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._epoch = self._layouts_epoch = -1
        self._series: dict[Labels, int] = {}
        self._layouts: dict[bytes, int] = {}

    @property
    def epoch(self) -> int:
        return self._epoch

    def begin(self, connection: sqlite3.Connection) -> None:
        facts = dict(connection.execute("SELECT name, value FROM fact WHERE name IN ('epoch', 'layouts')").fetchall())
        if (facts["epoch"], facts["layouts"]) != (self._epoch, self._layouts_epoch):
            self.forget()
            self._epoch, self._layouts_epoch = facts["epoch"], facts["layouts"]

    def forget(self) -> None:
        """After a transaction that came to nothing, or when series were taken out."""
        self._series.clear()
        self._layouts.clear()
        self._epoch = -1

    def ids(self, connection: sqlite3.Connection, wanted: Sequence[Labels], *, capped: bool = True) -> list[int]:
        """A number for each; REFUSED beyond the cap on series, unless these few stand above it."""
        room: int | None = None
        found = []
        for labels in wanted:
            known = self._series.get(labels)
            if known is None:
                if room is None:
                    room = self._most - connection.execute("SELECT count(*) FROM series").fetchone()[0]
                known, added = _number(connection, labels, room if capped else 1)
                room -= added
                if known is REFUSED:
                    found.append(REFUSED)
                    continue
                self._series[labels] = known
            found.append(known)
        return found

    def layout(self, connection: sqlite3.Connection, ids: Ids) -> int:
        """The number of this list of series."""
        key = key_of(ids.tobytes())
        known = self._layouts.get(key)
        if known is None:
            known = self._layouts[key] = keep_layout(connection, key, ids)
        return known


def keep_layout(connection: sqlite3.Connection, key: bytes, ids: Ids) -> int:
    row = connection.execute("SELECT id FROM layout WHERE key=?", [key]).fetchone()
    if row is None:
        row = connection.execute(
            "INSERT INTO layout (key, size, members) VALUES (?, ?, ?) RETURNING id", [key, len(ids), ids_body(ids)]
        ).fetchone()
    return int(row[0])


def read_layout(connection: sqlite3.Connection, layout: int) -> Ids:
    """The series of a layout in order; none when it is gone or is not what was written."""
    row = connection.execute("SELECT size, members, key FROM layout WHERE id=?", [layout]).fetchone()
    if row is None:
        return np.empty(0, np.int64)
    try:
        ids = ids_array(row[1])
    except Damaged:
        return np.empty(0, np.int64)
    return ids if key_of(ids.tobytes()) == row[2] else np.empty(0, np.int64)


def _number(connection: sqlite3.Connection, labels: Labels, room: int) -> tuple[int, int]:
    text = labels_text(labels).encode()
    key = key_of(text)
    row = connection.execute("SELECT id FROM series WHERE key=?", [key]).fetchone()
    if row is not None:
        return int(row[0]), 0
    if room <= 0:
        return REFUSED, 0
    made = connection.execute("INSERT INTO series (key, labels) VALUES (?, ?) RETURNING id", [key, text]).fetchone()
    return int(made[0]), 1


def add_head(connection: sqlite3.Connection, stream: int, span: tuple[int, int], count: int, layout: int, stale: bool, body: bytes) -> None:
    connection.execute(
        "INSERT INTO head (stream, first, last, count, layout, stale, crc, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [stream, span[0], span[1], count, layout, stale, checksum(body), body],
    )
