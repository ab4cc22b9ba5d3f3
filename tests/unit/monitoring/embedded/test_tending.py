"""Compaction and retention: nothing changes but the room it takes, until it is too old."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.records import BLOCK_MS, Series, StoreLimits
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.embedded.tending import Tending
from backend.monitoring.promql.labels import Match, Matcher
from tests.support.clock import ManualClock
from tests.unit.monitoring.embedded.stores import ALL, T0, TARGET, held, named, of, scrape, store_at, written

MINUTE = 60_000


def fill(store: MetricsStore, blocks: int, series: int = 200) -> None:
    rng = np.random.default_rng(1)
    for block in range(blocks):
        times = (T0 + block * BLOCK_MS + np.arange(240) * 30_000).tolist()
        store.append([written(named("a", n=str(number)), times, rng.random(240).tolist()) for number in range(series)])


def test_the_head_of_an_open_block_becomes_small_chunks_after_ten_minutes(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for place in range(80):
        scrape(store, T0 + place * 10_000, f"a {place}")
    assert store.compact(T0 + 9 * MINUTE) == 0
    before = held(store)
    assert store.compact(T0 + 13 * MINUTE + 20_000) == 1
    assert store.status().head_rows == 80 - (12 * 6 + 2 + 1)
    assert held(store) == before


def test_what_is_over_becomes_one_set_of_chunks(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for place in range(12 * 60 + 1):
        scrape(store, T0 + place * 10_000, f"a {place}", *([f"b {place}"] if place > 100 else []))
        if place % 60 == 59:
            store.compact(T0 + place * 10_000)
    before = held(store)
    assert store.status().chunks > 5
    store.compact(T0 + BLOCK_MS + MINUTE)
    assert store.status().chunks == 1
    assert store.status().head_rows == 1  # of the block that is not over
    assert held(store) == before
    assert store.compact(T0 + BLOCK_MS + MINUTE) == 0


def test_samples_that_come_late_to_a_finished_block_join_it(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append([written(named("a"), [T0], [1])])
    store.compact(T0 + 2 * BLOCK_MS)
    store.append([written(named("b"), [T0 + 5], [2])])
    store.compact(T0 + 2 * BLOCK_MS)
    assert held(store) == {named("a"): {T0: 1.0}, named("b"): {T0 + 5: 2.0}}
    assert store.status().head_rows == 0


def test_what_is_older_than_the_retention_goes_by_blocks_and_gives_its_room_back(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(retention=timedelta(hours=4)))
    fill(store, 6)
    store.compact(T0 + 7 * BLOCK_MS)
    full = store.status().files
    store.retain(T0 + 6 * BLOCK_MS - 1)
    oldest = store.status().oldest
    assert oldest is not None
    assert oldest.timestamp() * 1000 == T0 + 3 * BLOCK_MS
    assert store.status().files < 0.65 * full
    assert all(min(samples) == T0 + 3 * BLOCK_MS for samples in held(store).values())


def test_series_of_which_nothing_is_left_are_forgotten_in_every_process(tmp_path: Path) -> None:
    store, other = store_at(tmp_path, StoreLimits(retention=timedelta(hours=2))), store_at(tmp_path)
    store.append([written(named("gone"), [T0], [1]), written(named("kept"), [T0 + 9 * BLOCK_MS], [1])])
    assert set(held(other)) == {named("gone"), named("kept")}
    store.retain(T0 + 9 * BLOCK_MS)
    assert set(held(other)) == {named("kept")}
    assert other.status().series == 1
    other.append([written(named("gone"), [T0 + 9 * BLOCK_MS], [2])])
    assert of(store, "gone") == {T0 + 9 * BLOCK_MS: 2.0}


def test_beyond_its_size_the_oldest_goes(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    fill(store, 6)
    store.compact(T0 + 7 * BLOCK_MS)
    full = store.status().files
    small = store_at(tmp_path, StoreLimits(size=full // 2))
    assert small.retain(T0 + 7 * BLOCK_MS) > 0
    assert small.status().files <= full // 2 + 200_000
    assert all(max(samples) == T0 + 6 * BLOCK_MS - 30_000 for samples in held(small).values())


def test_a_target_keeps_its_live_series_through_retention(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(retention=timedelta(hours=2)))
    scrape(store, T0, "a 1")
    store.retain(T0 + 9 * BLOCK_MS)
    scrape(store, T0 + 9 * BLOCK_MS, "a 2")
    scrape(store, T0 + 9 * BLOCK_MS + 5, "b 2")
    assert of(store, "a") == {T0 + 9 * BLOCK_MS: 2.0, T0 + 9 * BLOCK_MS + 5: "stale"}


def test_only_who_holds_the_lock_tends(tmp_path: Path) -> None:
    store, clock = store_at(tmp_path), ManualClock()
    store.append([written(named("a"), [T0], [1])])
    first, second = (TendingLock(tmp_path / "lock") for _ in range(2))
    mine, other = Tending(store, first, clock), Tending(store, second, clock)
    assert mine.compact() == 1
    store.append([written(named("a"), [T0 + 5], [1])])
    assert other.compact() == 0
    assert other.retain() == 0
    mine.close()
    assert other.retain() > 0  # the clock is years after it
    other.close()


def test_counters_take_at_most_seven_tenths_of_a_byte_a_sample_all_files(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    rng = np.random.default_rng(1)
    counts = np.cumsum(np.cumsum(rng.poisson(0.05, (30, 10, 5760)), axis=1).reshape(300, 5760), axis=1).astype(float)
    times = T0 + np.arange(5760) * 15_000
    labels = [named("took_seconds_bucket", job="api", route=f"/r/{row // 10}", le=str(row % 10)) for row in range(300)]
    store.append([Series(labels[row], times, counts[row]) for row in range(300)])
    store.compact(T0 + 13 * BLOCK_MS)
    store.retain(T0 + 13 * BLOCK_MS)
    store.close()
    files = sum(file.stat().st_size for file in store.path.parent.iterdir())
    assert files / counts.size <= 0.7


def test_the_target_is_scraped_on_while_chunks_are_made(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for place in range(100):
        scrape(store, T0 + place * 10_000, f"a {place}")
    store.compact(T0 + 20 * MINUTE)
    scrape(store, T0 + 20 * MINUTE, "a 7", target=TARGET)
    assert len(of(store, "a")) == 101
    assert [block.present for block in store.select([Matcher("__name__", Match.EQUAL, "a")], 0, 2**60)] == [None]
    assert len(held(store, ALL, T0, T0 + 10_000)) == 4
