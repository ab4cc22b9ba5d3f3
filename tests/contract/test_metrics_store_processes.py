"""Several processes write, one makes chunks, one reads: nothing is lost, nobody is turned away."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from backend.monitoring.embedded.records import BLOCK_MS
from backend.monitoring.promql.labels import Match, Matcher
from tests.unit.monitoring.embedded.stores import T0, held, named, of, scrape, store_at, written

WRITERS, ROUNDS = 3, 40
STEP_MS = 240_000


def write(folder: Path, number: int) -> int:
    """In a process of its own; the exit status."""
    store, failed = store_at(folder), 1
    with contextlib.suppress(Exception):
        kept = 0
        for turn in range(ROUNDS):
            samples = [written(named("b", writer=str(number), n=str(row)), [T0 + turn * STEP_MS], [turn + row]) for row in range(5)]
            kept += store.append(samples).kept
        failed = 0 if kept == 5 * ROUNDS else 2
    return failed


def test_writers_a_scraper_a_compactor_and_a_reader_share_the_file(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append([written(named("b", writer="parent"), [T0], [1])])
    store.close()  # no connection may be carried into another process
    children = []
    for number in range(WRITERS):
        child = os.fork()
        if not child:
            os._exit(write(tmp_path, number))
        children.append(child)
    for turn in range(ROUNDS):
        scrape(store, T0 + turn * STEP_MS, *(f'a{{n="{row}"}} {turn + row}' for row in range(20)))
        if turn % 10 == 9:
            store.compact(T0 + turn * STEP_MS + BLOCK_MS)
            assert of(store, "a", n="7") == {T0 + each * STEP_MS: float(each + 7) for each in range(turn + 1)}
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * WRITERS
    store.compact(T0 + ROUNDS * STEP_MS + 2 * BLOCK_MS)
    found = held(store, [Matcher("writer", Match.REGEX, "[0-9]")])
    assert len(found) == 5 * WRITERS
    for labels, samples in found.items():
        assert samples == {T0 + turn * STEP_MS: float(turn + int(dict(labels)["n"])) for turn in range(ROUNDS)}
    assert store.status().head_rows == 0
