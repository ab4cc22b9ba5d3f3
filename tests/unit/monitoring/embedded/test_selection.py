"""Whatever was scraped, written and compacted in whatever order: what is read is what was kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from backend.monitoring.embedded import selection
from backend.monitoring.embedded.records import BLOCK_MS, Failure
from backend.monitoring.promql.labels import Match, Matcher, labels_of
from tests.unit.monitoring.embedded.stores import ALL, T0, TARGET, Held, exposed, held, named, scrape, store_at, written

MINUTE = 60_000
ACT = some.tuples(
    some.sampled_from(["scrape", "scrape", "scrape", "fail", "write", "write", "compact", "reopen", "retain"]),
    some.integers(1, 50 * MINUTE),
    some.sets(some.integers(0, 6), min_size=1),
)


@settings(deadline=None, max_examples=25)
@given(some.lists(ACT, min_size=1, max_size=25), some.data())
def test_reading_gives_what_was_kept(acts: list[tuple[str, int, set[int]]], data: some.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, kept, now, alive = store_at(Path(folder)), dict[object, dict[int, object]](), T0, set[int]()
        for act, later, chosen in acts:
            now += later
            if act == "scrape":
                scrape(store, now, *(f'a{{n="{number}"}} {now % 977 + number}' for number in sorted(chosen)))
                for number in chosen | alive:
                    kept.setdefault(("a", number), {})[now] = float(now % 977 + number) if number in chosen else "stale"
                alive = chosen
            elif act == "fail":
                store.append_scrape(TARGET, now, Failure("away"), 1.0)
                for number in alive:
                    kept.setdefault(("a", number), {})[now] = "stale"
                alive = set()
            elif act == "write":
                times = [now, now + 1, now + BLOCK_MS]
                store.append([written(named("b", n=str(number)), times, [number / 3] * 3) for number in chosen])
                for number in chosen:
                    mine = kept.setdefault(("b", number), {})
                    last = max(mine, default=0)
                    mine.update({time: number / 3 for time in times if time > last})  # type: ignore[type-var]
            elif act == "compact":
                store.compact(now)
            elif act == "retain":
                store.retain(now)
            else:
                store.close()
                store = store_at(Path(folder))
        start, end = sorted((T0 + data.draw(some.integers(-1, now - T0 + BLOCK_MS)), T0 + data.draw(some.integers(0, now - T0 + BLOCK_MS))))
        assert _plain(held(store)) == _within(kept, -1, 2**60)
        assert _plain(held(store, start=start, end=end)) == _within(kept, start, end)
        store.close()


def _plain(found: Held) -> dict[object, object]:
    return {(dict(labels)["__name__"], int(dict(labels)["n"])): samples for labels, samples in found.items() if "n" in dict(labels)}


def _within(kept: dict[object, dict[int, object]], start: int, end: int) -> dict[object, object]:
    cut = {key: {time: value for time, value in samples.items() if start < time <= end} for key, samples in kept.items()}
    return {key: samples for key, samples in cut.items() if samples}


def test_a_steady_target_is_read_without_gaps(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for place in range(60):
        scrape(store, T0 + place * 5 * MINUTE, *(f'a{{n="{number}"}} {place}' for number in range(300)))
        if place % 7 == 6:
            store.compact(T0 + place * 5 * MINUTE)
    found = list(store.select([Matcher("__name__", Match.EQUAL, "a")], 0, 2**60))
    assert [block.present for block in found] == [None] * len(found)
    assert sum(len(block.labels) for block in found) == 300
    assert {block.times.size for block in found} == {60}


@pytest.mark.parametrize("asked", ["0|1|2", "7", "3|50|299", "29.", "[0-9]+"])
def test_a_few_of_many_are_read_as_they_are(tmp_path: Path, asked: str) -> None:
    store = store_at(tmp_path)
    for block in range(2):
        times = (T0 + block * BLOCK_MS + np.arange(20) * 15_000).tolist()
        store.append([written(named("a", n=str(number)), times, [number / 3] * 20) for number in range(300)])
    before = held(store, [Matcher("n", Match.REGEX, asked)])
    store.compact(T0 + 5 * BLOCK_MS)
    assert held(store, [Matcher("n", Match.REGEX, asked)]) == before
    assert {samples[T0] for samples in before.values()} == {int(dict(labels)["n"]) / 3 for labels in before}
    assert all(block.present is None for block in store.select([Matcher("n", Match.REGEX, asked)], 0, 2**60))


def test_series_that_only_begin_later_are_read_without_gaps(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for place in range(10):
        scrape(store, T0 + place, *(f'a{{n="{number}"}} 1' for number in range(20 if place < 4 else 40)))
    found = list(store.select([Matcher("__name__", Match.EQUAL, "a")], 0, 2**60))
    assert sorted((len(block.labels), block.times.size) for block in found if block.present is None) == [(20, 6), (20, 10)]


def test_scattered_gaps_come_with_a_mask(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    rng = np.random.default_rng(1)
    there = rng.random((50, 200)) > 0.05
    times = T0 + np.arange(200) * 15_000
    store.append([written(named("a", n=str(row)), times[there[row]].tolist(), rng.random(there[row].sum()).tolist()) for row in range(50)])
    before = held(store)
    store.compact(T0 + 3 * BLOCK_MS)
    assert store.status().chunks == 1
    assert held(store) == before
    [block] = store.select(ALL, 0, 2**60)
    assert block.present is not None
    assert (block.present == there[[int(dict(labels)["n"]) for labels in block.labels]]).all()


def test_targets_of_different_beats_do_not_share_a_clock(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for target in range(5):
        times = (T0 + target * 777 + np.arange(100) * 15_000).tolist()
        store.append([written(named("a", t=str(target), n=str(number)), times, [1.0] * 100) for number in range(10)])
    before = held(store)
    store.compact(T0 + 3 * BLOCK_MS)
    assert held(store) == before
    assert sum(len(block.labels) for block in store.select(ALL, 0, 2**60) if block.present is None) == 50


def test_long_times_are_read_in_narrow_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "CELLS", 20 * 480)
    store = store_at(tmp_path)
    times = (T0 + np.arange(480) * 15_000).tolist()
    store.append([written(named("a", n=str(number)), times, np.arange(480.0).tolist()) for number in range(200)])
    store.compact(T0 + 3 * BLOCK_MS)
    found = list(store.select(ALL, 0, 2**60))
    assert max(len(block.labels) for block in found) <= 20
    assert len(held(store)) == 200


def test_a_reader_sees_one_moment_while_it_reads(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    times = (T0 + np.arange(480) * 15_000).tolist()
    store.append([written(named("a", n=str(number)), times, [1.0] * 480) for number in range(1000)])
    reading = store.select(ALL, 0, 2**60)
    seen = len(next(reading).labels)
    store.compact(T0 + 3 * BLOCK_MS)
    store.append([written(named("a", n="0"), [times[-1] + 1], [2.0])])
    seen += sum(len(block.labels) for block in reading)
    assert seen == 1000
    assert max(block.times.size for block in store.select(ALL, 0, 2**60)) == 481


def test_stopping_half_way_leaves_nothing_open(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append([written(named("a", n=str(number)), [T0], [1.0]) for number in range(1000)])
    for _ in range(20):
        next(store.select(ALL, 0, 2**60)).labels  # noqa: B018
    store.compact(T0 + 3 * BLOCK_MS)
    assert store.path.with_name("metrics.db-wal").stat().st_size == 0  # somebody still reading would have kept it


def test_a_store_without_a_file_is_empty(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    assert held(store) == {}
    assert store.series([], 0, 2**60) == []
    assert store.label_names([], 0, 2**60) == store.label_values("job", [], 0, 2**60) == []
    assert store.metadata() == {}
    assert store.targets() == []
    assert store.exemplars(ALL, 0, 2**60) == []
    assert (store.status().newest, store.status().series) == (None, 0)
    assert not store.path.exists()


def test_labels_are_told_of_the_time_asked_for(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append([written(named("a", job="x"), [T0], [1]), written(named("b", job="y"), [T0 + 3 * BLOCK_MS], [1])])
    store.compact(T0 + 9 * BLOCK_MS)
    assert store.series([], T0, T0) == [labels_of({"__name__": "a", "job": "x"})]
    assert store.label_values("job", [], T0 + 1, 2**60) == ["y"]
    assert store.label_values("job", [[Matcher("__name__", Match.EQUAL, "a")], [Matcher("job", Match.EQUAL, "y")]], 0, 2**60) == ["x", "y"]
    assert store.label_names([[Matcher("job", Match.EQUAL, "z")]], 0, 2**60) == []


@pytest.mark.parametrize(
    ("matchers", "names"),
    [
        ([("__name__", "=", "a")], "a"),
        ([("job", "=", "")], "c"),
        ([("job", "!=", "x")], "bc"),
        ([("job", "=~", "x|y")], "ab"),
        ([("job", "=~", "x|")], "ac"),
        ([("job", "!~", "x.*")], "bc"),
        ([("job", "=~", ".*")], "abc"),
        ([("nobody", "=", "")], "abc"),
        ([("nobody", "!=", "")], ""),
        ([("__name__", "=~", "[ab]"), ("job", "!=", "y")], "a"),
        ([("__name__", "=~", "(a+)+$")], "a"),
    ],
)
def test_matchers_are_answered_as_prometheus_does(tmp_path: Path, matchers: list[tuple[str, str, str]], names: str) -> None:
    store = store_at(tmp_path)
    store.append([written(labels, [T0], [1]) for labels in (named("a", job="x"), named("b", job="y"), named("c"))])
    found = held(store, [Matcher(name, Match(how), value) for name, how, value in matchers])
    assert "".join(sorted(dict(labels)["__name__"] for labels in found)) == names


def test_an_unread_exposition_holds_nothing(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append_scrape(TARGET, T0, exposed(), 0.1)
    assert sorted(dict(labels)["__name__"] for labels in held(store)) == ["scrape_duration_seconds", "scrape_samples_scraped", "up"]
