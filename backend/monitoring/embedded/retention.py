"""What is too old, or too much, goes: a block at a time, and its room is given back in small steps, never by rewriting the file."""

from __future__ import annotations

import sqlite3

import numpy as np

from backend.monitoring.embedded.catalogue import read_layout
from backend.monitoring.embedded.records import BLOCK_MS

STEP_ROWS = 500
STEP_PAGES = 256
MOST_STEPS = 400  # of giving room back at a time: the next time does the rest


def forget_before(connection: sqlite3.Connection, at: int) -> int:
    """At most STEP_ROWS rows of blocks that ended by then; how many."""
    ended = (at // BLOCK_MS) * BLOCK_MS
    gone = 0
    for table in ("chunk", "head"):
        asked = f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE last < ? ORDER BY last LIMIT ?)"
        gone += connection.execute(asked, [ended, STEP_ROWS - gone]).rowcount
    return gone


def used_bytes(connection: sqlite3.Connection) -> int:
    """Of the file, without what is free in it."""
    pages, free, size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def oldest_end(connection: sqlite3.Connection) -> int | None:
    """Where the oldest block ends; None: there is nothing."""
    asked = "SELECT min(last) FROM (SELECT min(last) AS last FROM chunk UNION ALL SELECT min(last) FROM head)"
    last = connection.execute(asked).fetchone()[0]
    return None if last is None else (last // BLOCK_MS + 1) * BLOCK_MS


def forget_unused(connection: sqlite3.Connection, before: int, most_exemplars: int) -> int:
    """Layouts, instants, series, targets and exemplars that nothing refers to any more; how many series."""
    connection.execute("DELETE FROM target WHERE active=0 AND last < ?", [before])
    used = "SELECT layout FROM chunk UNION SELECT layout FROM head UNION SELECT live FROM target WHERE live IS NOT NULL"
    layouts = connection.execute(f"DELETE FROM layout WHERE id NOT IN ({used})").rowcount
    connection.execute("DELETE FROM ended WHERE chunk NOT IN (SELECT id FROM chunk)")
    connection.execute("DELETE FROM times WHERE id NOT IN (SELECT times FROM chunk)")
    connection.execute("DELETE FROM exemplar WHERE at < ?", [before])
    _forget_exemplars(connection, most_exemplars)
    if layouts:
        connection.execute("UPDATE fact SET value=value+1 WHERE name='layouts'")
    return _forget_series(connection)


def _forget_exemplars(connection: sqlite3.Connection, most: int) -> None:
    """The oldest, beyond so many."""
    row = connection.execute("SELECT at FROM exemplar ORDER BY at DESC LIMIT 1 OFFSET ?", [most]).fetchone()
    if row is not None:
        connection.execute("DELETE FROM exemplar WHERE at <= ?", row)


def _forget_series(connection: sqlite3.Connection) -> int:
    layouts = [read_layout(connection, number) for (number,) in connection.execute("SELECT id FROM layout").fetchall()]
    used = np.unique(np.concatenate(layouts)) if layouts else np.empty(0, np.int64)
    every = np.array([number for (number,) in connection.execute("SELECT id FROM series")], np.int64)
    gone = [(number,) for number in np.setdiff1d(every, used, assume_unique=True).tolist()]
    if gone:
        connection.executemany("DELETE FROM series WHERE id=?", gone)
        connection.executemany("DELETE FROM exemplar WHERE series=?", gone)
        connection.execute("UPDATE fact SET value=value+1 WHERE name='epoch'")
    return len(gone)


def give_back(connection: sqlite3.Connection) -> None:
    """Free pages return to the file system, some at a time so that writers get their turn."""
    for _ in range(MOST_STEPS):
        if not connection.execute("PRAGMA freelist_count").fetchone()[0]:
            return
        connection.execute(f"PRAGMA incremental_vacuum({STEP_PAGES})").fetchall()


def shorten_log(connection: sqlite3.Connection) -> None:
    """What is in the write-ahead log goes into the file, unless somebody is reading."""
    waited = connection.execute("PRAGMA busy_timeout").fetchone()[0]
    connection.execute("PRAGMA busy_timeout=0").fetchall()
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout={waited}").fetchall()
