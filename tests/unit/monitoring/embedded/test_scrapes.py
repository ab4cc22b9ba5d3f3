"""What a scrape leaves in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.monitoring.embedded.records import Exposition, Failure, Metadata, StoreLimits, Target
from backend.monitoring.promql.labels import Match, Matcher, labels_of
from tests.unit.monitoring.embedded.stores import ALL, EVER, T0, TARGET, exposed, held, named, of, scrape, store_at, written


def test_samples_come_back_with_the_labels_of_their_target(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, 'asked_total{route="/"} 3', "level NaN")
    assert of(store, "asked_total", route="/", job="api", instance="127.0.0.1:9") == {T0: 3.0}
    assert [value != value for value in of(store, "level").values() if isinstance(value, float)] == [True]


def test_each_scrape_says_how_it_went(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    store.append_scrape(TARGET, T0, exposed("a 1", "b 2"), 0.25)
    assert of(store, "up") == {T0: 1.0}
    assert of(store, "scrape_duration_seconds") == {T0: 0.25}
    assert of(store, "scrape_samples_scraped") == {T0: 2.0}


def test_a_series_that_vanishes_ends_and_may_come_again(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1", "b 1")
    scrape(store, T0 + 5, "a 2")
    scrape(store, T0 + 10, "a 3")
    scrape(store, T0 + 15, "a 4", "b 4")
    assert of(store, "b") == {T0: 1.0, T0 + 5: "stale", T0 + 15: 4.0}
    assert of(store, "a") == {T0: 1.0, T0 + 5: 2.0, T0 + 10: 3.0, T0 + 15: 4.0}


@pytest.mark.parametrize("answer", [Failure("connection refused"), Exposition(b"<html>\n"), Exposition(b"a 1\nb")])
def test_a_failed_scrape_ends_every_series_but_its_own(tmp_path: Path, answer: Exposition | Failure) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1")
    store.append_scrape(TARGET, T0 + 5, answer, 2.0)
    store.append_scrape(TARGET, T0 + 10, answer, 2.0)
    assert of(store, "a") == {T0: 1.0, T0 + 5: "stale"}
    assert of(store, "up") == {T0: 1.0, T0 + 5: 0.0, T0 + 10: 0.0}
    [state] = store.targets()
    assert (state.health, state.samples) == ("down", 0)
    assert state.error


def test_a_store_opened_again_knows_which_series_were_alive(tmp_path: Path) -> None:
    scrape(store_at(tmp_path), T0, "a 1", "b 1")
    again = store_at(tmp_path)
    scrape(again, T0 + 5, "a 2")
    assert of(again, "b") == {T0: 1.0, T0 + 5: "stale"}


def test_a_target_that_is_gone_ends_with_all_its_series(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    other = Target(labels_of({"job": "api", "instance": "127.0.0.1:10"}), "")
    scrape(store, T0, "a 1")
    scrape(store, T0, "a 1", target=other)
    assert store.end_targets([TARGET.labels], T0 + 5) == 1
    assert store.end_targets([TARGET.labels], T0 + 6) == 0
    assert of(store, "up", instance="127.0.0.1:10") == {T0: 1.0, T0 + 5: "stale"}
    assert of(store, "a", instance="127.0.0.1:9") == {T0: 1.0}
    assert [state.labels for state in store.targets()] == [TARGET.labels]


def test_a_clock_that_goes_back_costs_scrapes_and_is_counted(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "a 1")
    assert store.append_scrape(TARGET, T0, exposed("a 2"), 0.1).dropped == {"out_of_order": 4}
    assert store.append_scrape(TARGET, T0 - 1000, exposed("a 2"), 0.1).kept == 0
    assert of(store, "a") == {T0: 1.0}
    assert store.status().counters["dropped:out_of_order"] == 8


def test_a_series_exposed_twice_counts_once(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for at in (T0, T0 + 5):
        done = store.append_scrape(TARGET, at, exposed('a{b="1"} 1', 'a{ b="1"} 2', "up 7"), 0.1)
        assert done.dropped["duplicate"] == 2
    assert of(store, "a") == {T0: 1.0, T0 + 5: 1.0}
    assert of(store, "up") == {T0: 1.0, T0 + 5: 1.0}


def test_labels_of_the_target_win_and_the_others_are_kept_beside(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, 'a{job="batch"} 1')
    assert of(store, "a", job="api", exported_job="batch") == {T0: 1.0}


def test_series_beyond_the_cap_are_dropped_and_counted_and_the_rest_kept(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(series=10))
    for at in (T0, T0 + 5):
        done = store.append_scrape(TARGET, at, exposed(*(f'a{{b="{number}"}} 1' for number in range(100))), 0.1)
        assert (done.kept, done.dropped["too_many_series"]) == (10, 93)
    assert len(held(store)) == 10
    assert store.status().counters["dropped:too_many_series"] == 186


def test_whether_a_target_is_up_is_known_beyond_the_cap(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(series=5))
    for number in range(4):
        target = Target(labels_of({"job": "api", "instance": str(number)}), "")
        done = store.append_scrape(target, T0, exposed("a 1", "b 2"), 0.1)
        assert done.kept >= 3
    assert len(held(store, [Matcher("__name__", Match.EQUAL, "up")])) == 4
    assert of(store, "scrape_samples_scraped", instance="3") == {T0: 2.0}
    assert store.status().damaged == 0


def test_labels_that_are_too_long_or_too_many_are_dropped_and_counted(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(label_value=20, label_name=10, labels=5))
    many = ",".join(f'l{number}="x"' for number in range(5))
    done = store.append_scrape(TARGET, T0, exposed(f'a{{b="{"x" * 21}"}} 1', f'a{{{"n" * 11}="x"}} 1', f"a{{{many}}} 1", "a 1"), 0.1)
    assert done.dropped == {"label_too_long": 2, "too_many_labels": 1}
    assert of(store, "a") == {T0: 1.0}


def test_too_many_samples_fail_the_scrape(tmp_path: Path) -> None:
    store = store_at(tmp_path, StoreLimits(scrape_samples=3))
    scrape(store, T0, *(f"a{number} 1" for number in range(4)))
    assert of(store, "up") == {T0: 0.0}
    assert "at most 3" in store.targets()[0].error


def test_families_are_told(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, "# HELP a How often.", "# TYPE a counter", "a 1")
    scrape(store, T0 + 5, "# HELP a How often it was.", "# TYPE a counter", "a 1")
    assert store.metadata() == {"a": Metadata("counter", "How often it was.", "")}


def test_an_exemplar_is_kept_once_though_it_is_shown_each_time(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    line = 'took_bucket{le="0.5"} 1 # {trace_id="4bf9"} 0.3 1700000000.5'
    for at in (T0, T0 + 5, T0 + 10):
        scrape(store, at, line)
    scrape(store, T0 + 15, 'took_bucket{le="0.5"} 2 # {trace_id="0af7"} 0.4 1700000009')
    found = store.exemplars([Matcher("__name__", Match.EQUAL, "took_bucket")], *EVER)
    told = [(dict(one.labels)["trace_id"], one.value, one.at) for one in found]
    assert told == [("4bf9", 0.3, 1700000000500), ("0af7", 0.4, 1700000009000)]
    assert dict(found[0].series)["le"] == "0.5"
    assert store.exemplars([Matcher("le", Match.EQUAL, "1")], *EVER) == []
    assert store.exemplars(ALL, 1700000000501, 1700000008999) == []


@pytest.mark.parametrize("moment", ["1e400", "-5", "99999999999999", ""])
def test_an_exemplar_of_an_impossible_time_is_of_the_scrapes(tmp_path: Path, moment: str) -> None:
    store = store_at(tmp_path)
    scrape(store, T0, f'a_bucket{{le="1"}} 1 # {{trace_id="4bf9"}} 0.3 {moment}'.strip())
    assert [one.at for one in store.exemplars(ALL, *EVER)] == [T0]


def test_an_exemplar_that_cannot_be_read_does_not_cost_the_scrape(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    for at in (T0, T0 + 5, T0 + 10):
        scrape(store, at, 'a_bucket{le="1"} 1 # {trace_id} 0.3')
    assert of(store, "a_bucket") == {T0: 1.0, T0 + 5: 1.0, T0 + 10: 1.0}
    assert store.status().counters["dropped:unreadable_exemplar"] == 1


def test_the_same_series_from_a_scrape_and_from_elsewhere_is_in_one_block(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    labels = named("a", job="api", instance="127.0.0.1:9")
    scrape(store, T0, "a 1")
    store.append([written(labels, [T0 + 1, T0 + 2], [7.0, 8.0])])
    scrape(store, T0 + 5, "a 2")
    assert of(store, "a") == {T0: 1.0, T0 + 1: 7.0, T0 + 2: 8.0, T0 + 5: 2.0}
