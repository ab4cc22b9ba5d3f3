"""A process killed while it takes samples in, makes chunks and forgets: nothing that it acknowledged is lost, and the file is whole."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import struct
from pathlib import Path

import pytest

from backend.monitoring.embedded.records import BLOCK_MS
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.labels import Match, Matcher
from tests.support.figures import note
from tests.support.processes import TRIALS
from tests.unit.monitoring.embedded.stores import T0, TARGET, exposed, held, named, store_at, written

STEP_MS = 60_000
ACKNOWLEDGED = struct.Struct("<q")


def ingest(folder: Path, at: int, told: int) -> None:
    """Scrape, write, compact and retain without an end; each scrape is told of once it is kept."""
    store = store_at(folder)
    while True:
        at += STEP_MS
        lines = [f'a{{n="{number}"}} {at // STEP_MS % 1000 + number}' for number in range(40 + at // STEP_MS % 3)]
        store.append_scrape(TARGET, at, exposed(*lines), 0.01)
        store.append([written(named("b", n=str(number)), [at, at + 1], [at, number / 3]) for number in range(10)])
        os.write(told, ACKNOWLEDGED.pack(at))
        if at // STEP_MS % 5 == 0:
            store.compact(at)
        if at // STEP_MS % 40 == 0:
            store.retain(at)


def killed_after(folder: Path, at: int, acknowledgements: int) -> list[int]:
    """The scrapes that a process told of before it was killed, somewhere after that many."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with contextlib.suppress(BaseException):
            ingest(folder, at, writing)
        os._exit(1)
    os.close(writing)
    told = b""
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        while len(told) < acknowledgements * ACKNOWLEDGED.size and (more := pipe.read(ACKNOWLEDGED.size)):
            told += more
        os.kill(child, signal.SIGKILL)
        while more := pipe.read(4096):
            told += more
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, "it ended by itself"
    return [number for (number,) in ACKNOWLEDGED.iter_unpack(told[: len(told) // 8 * 8])]


def lost(store: MetricsStore, acknowledged: list[int]) -> list[int]:
    """Those of which any sample is not what was given."""
    begin = acknowledged[0] - 1
    found = held(store, [Matcher("__name__", Match.REGEX, "a|b")], begin)
    scraped = {int(dict(labels)["n"]): samples for labels, samples in found.items() if dict(labels)["__name__"] == "a"}
    other = {int(dict(labels)["n"]): samples for labels, samples in found.items() if dict(labels)["__name__"] == "b"}
    return [
        at
        for at in acknowledged
        if any(scraped[number].get(at) != at // STEP_MS % 1000 + number for number in range(40 + at // STEP_MS % 3))
        or any(other[number].get(at) != at or other[number].get(at + 1) != number / 3 for number in range(10))
    ]


def whole(store: MetricsStore) -> str:
    with contextlib.closing(sqlite3.connect(store.path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.timeout(7200)
def test_a_process_killed_at_any_moment_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(1)
    every: list[int] = []
    at = T0
    for _ in range(TRIALS):
        acknowledged = killed_after(tmp_path, at, chance.randint(1, 60))
        store = store_at(tmp_path)
        assert whole(store) == "ok"
        assert lost(store, acknowledged) == []
        assert store.status().damaged == 0
        store.close()
        every += acknowledged
        at = max(every) + 10 * STEP_MS
    final = store_at(tmp_path)
    final.compact(at + 2 * BLOCK_MS)
    assert lost(final, every) == []
    note("kill -9 under ingestion", kills=TRIALS, acknowledged=len(every), lost=0, corrupt=0, chunks=final.status().chunks)
