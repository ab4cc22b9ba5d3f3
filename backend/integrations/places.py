"""Places by name from an index of our own: no network, no account, the same answer every time.

The index is data, like a dictionary, not the product's database: it is a read-only SQLite file of its own, opened through the
standard library because full-text search has no place in the portable SQL of the stores.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

from backend.errors import StorageUnavailable
from backend.integrations.place import Place, folded
from backend.integrations.place_data import build_index, is_current

LONGEST_TEXT = 200
_CANDIDATES = 60
_FAR_LARGER = 20  # times as many people: 'Mexico' is Mexico City, though a town in the Philippines is called so
_EXACT_WEIGHT = 10  # among places of another name: that it is exactly this one counts as so many times the people
_COLUMNS = "p.id, p.name, p.folded, p.country, p.admin, p.region, p.latitude, p.longitude, p.zone, p.population"

__all__ = ["LONGEST_TEXT", "Place", "PlaceIndex", "build_index", "folded", "is_current"]


class PlaceIndex:
    """Places of the index at ``path``; each thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()

    def search(self, text: str, limit: int = 8) -> list[Place]:
        """The best ``limit`` places: those called so, then those whose name begins so, then those that others call so; each by population.

        Another name (in another language, of another time) counts as the name where no place is called so, or only far smaller ones. After
        a comma may stand a country or a US state, by name or code: 'Springfield, US', 'Springfield, Illinois'.
        """
        name, regions = _parts(text[:LONGEST_TEXT])
        if not name:
            return []
        try:
            found = self._exact(name) + self._words(name, regions)
        except sqlite3.Error as error:
            raise StorageUnavailable("places", "the index of places cannot be read") from error
        return _best(found, name, regions, limit)

    def _exact(self, name: str) -> list[sqlite3.Row]:
        source = "names n JOIN places p ON p.id = n.place WHERE n.folded = ?"
        query = f"SELECT {_COLUMNS}, 1 AS exact FROM {source} ORDER BY n.main DESC, p.population DESC LIMIT 500"
        return self._connection().execute(query, (name,)).fetchall()

    def _words(self, name: str, regions: list[str]) -> list[sqlite3.Row]:
        match = f'({{name others}} : "{name}" *) OR ({{name region}} : ({_every_word([name])}))'
        if regions:
            match = f"({match}) AND region : ({_every_word(regions)})"
        query = f"SELECT {_COLUMNS}, 0 AS exact FROM words w JOIN places p ON p.id = w.rowid WHERE words MATCH ? ORDER BY w.rowid LIMIT ?"
        return self._connection().execute(query, (match, _CANDIDATES)).fetchall()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(f"file:{self._path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
            connection.row_factory = sqlite3.Row
            self._local.connection = connection
        return connection


def _parts(text: str) -> tuple[str, list[str]]:
    head, *tail = text.split(",")
    return folded(head), [part for part in map(folded, tail) if part]


def _every_word(texts: list[str]) -> str:
    """Every word somewhere, the last perhaps only begun; folded text holds no quotes."""
    return " ".join(f'"{word}"' for text in texts for word in text.split()) + " *"


def _best(found: Iterable[sqlite3.Row], name: str, regions: list[str], limit: int) -> list[Place]:
    """The places in their order, none twice."""
    chosen: dict[int, sqlite3.Row] = {}
    for row in found:
        if row["id"] not in chosen and _lies_in(row, regions):
            chosen[row["id"]] = row
    largest = max((row["population"] for row in chosen.values() if row["folded"] == name), default=0)
    ranked = sorted(chosen.values(), key=lambda row: _standing(row, name, largest))
    return [_place(row) for row in ranked[:limit]]


def _standing(row: sqlite3.Row, name: str, largest: int) -> tuple[int, int]:
    """Kind of match and people; ``largest``: the people of the largest place that is called so itself."""
    people = row["population"]
    if row["folded"] == name or (row["exact"] and people > _FAR_LARGER * largest):
        return 0, -people
    if row["folded"].startswith(name):
        return 1, -people
    return 2, -people * (_EXACT_WEIGHT if row["exact"] else 1)


def _lies_in(row: sqlite3.Row, regions: list[str]) -> bool:
    own = row["region"].split("|")
    return all(any(word == region or (len(region) > 3 and word.startswith(region)) for word in own) for region in regions)


def _place(row: sqlite3.Row) -> Place:
    return Place(row["name"], row["country"], row["latitude"], row["longitude"], row["zone"], row["population"], row["admin"])
