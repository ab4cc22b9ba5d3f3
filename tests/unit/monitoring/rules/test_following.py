"""Recording rules over a store: when they are evaluated, what is kept, what ends, and what a restart changes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from backend.errors import QueryProblem, StorageUnavailable
from backend.monitoring.embedded.records import Appended, Series
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.labels import NAME, labels_of
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.promql.samples import stale_among
from backend.monitoring.rules.documents import NEVER, RuleDesk, Wanted
from backend.monitoring.rules.following import Following
from backend.monitoring.rules.state import StateFile
from tests.support.clock import ManualClock

FILE = """
groups:
  - name: g
    interval: 30s
    rules:
      - {record: "job:up:sum", expr: "sum by (job) (up)", labels: {team: a}}
      - {record: "all:up:sum", expr: "sum(job:up:sum)"}
      - {alert: Down, expr: "up == 0", for: 5m}
"""


class FakeEngine:
    """Answers each query by its text; an error is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, list[dict[str, str]] | Exception] = {}
        self.asked: list[tuple[str, int]] = []

    def query(self, text: str, at_ms: int) -> QueryResult:
        self.asked.append((text, at_ms))
        answer = self.answers.get(text, [])
        if isinstance(answer, Exception):
            raise answer
        curves = [Curve(labels_of(labels), np.array([at_ms]), np.array([float(place + 1)])) for place, labels in enumerate(answer)]
        return QueryResult("vector", tuple(curves))


class FakeStore:
    """Remembers what was appended; may be away."""

    def __init__(self) -> None:
        self.kept: list[Series] = []
        self.away = False

    def append(self, written: Sequence[Series]) -> Appended:
        if self.away:
            raise StorageUnavailable("metrics")
        self.kept += written
        return Appended(len(written))

    def told(self) -> list[tuple[dict[str, str], float | str]]:
        """By labels, with 'end' for a mark of it; forgotten then."""
        kept, self.kept = self.kept, []
        return [(dict(one.labels), "end" if stale_among(one.values)[0] else float(one.values[0])) for one in kept]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(FILE)
    return tmp_path / "rules"


def following(folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock, may: bool = True) -> Following:
    return Following(folder, StateFile.at(folder.parent / "state.json"), engine, store, clock, lambda: may)


def test_rules_are_evaluated_once_an_interval_at_whole_ones(folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock) -> None:
    rules = following(folder, engine, store, clock)
    engine.answers["sum by (job) (up)"] = [{"job": "api"}, {"job": "worker"}]
    clock.advance(7)
    assert rules.evaluate_due() == 1
    at = round(clock.now().timestamp() * 1000) - 7000
    assert engine.asked == [("sum by (job) (up)", at), ("sum(job:up:sum)", at)]  # no alert is evaluated
    assert [int(one.times[0]) for one in store.kept] == [at, at]
    assert store.told() == [({NAME: "job:up:sum", "team": "a", "job": job}, value) for job, value in (("api", 1.0), ("worker", 2.0))]
    clock.advance(22.9)
    assert rules.evaluate_due() == 0
    clock.advance(0.1)
    assert rules.evaluate_due() == 1


def test_a_series_that_does_not_come_again_ends_even_after_a_restart(
    folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock
) -> None:
    engine.answers["sum by (job) (up)"] = [{"job": "api"}, {"job": "worker"}]
    following(folder, engine, store, clock).evaluate_due()
    store.told()
    restarted = following(folder, engine, store, clock)
    assert restarted.evaluate_due() == 0  # this instant was done before the restart
    engine.answers["sum by (job) (up)"] = [{"job": "worker"}]
    clock.advance(90)
    restarted.evaluate_due()
    assert store.told() == [
        ({NAME: "job:up:sum", "team": "a", "job": "worker"}, 1.0),
        ({NAME: "job:up:sum", "team": "a", "job": "api"}, "end"),
    ]
    assert StateFile.at(folder.parent / "state.json").groups["a.yml;g"].missed == 2


def test_a_rule_that_fails_ends_its_series_says_why_and_stops_no_other(
    folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock
) -> None:
    rules = following(folder, engine, store, clock)
    engine.answers |= {"sum by (job) (up)": [{"job": "api"}], "sum(job:up:sum)": [{}]}
    rules.evaluate_due()
    store.told()
    engine.answers["sum by (job) (up)"] = QueryProblem("execution", "too dear")
    clock.advance(30)
    rules.evaluate_due()
    assert store.told() == [({NAME: "job:up:sum", "team": "a", "job": "api"}, "end"), ({NAME: "all:up:sum"}, 1.0)]
    told, _ = RuleDesk(folder, folder.parent / "state.json").rules(Wanted())
    assert [(rule["health"], rule.get("lastError")) for rule in told["groups"][0]["rules"]] == [
        ("err", "too dear"), ("ok", None), ("unknown", None)
    ]  # fmt: skip


def test_two_answers_of_one_series_are_an_error_as_in_prometheus(
    folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock
) -> None:
    engine.answers["sum by (job) (up)"] = [{"team": "x"}, {"team": "y"}]
    following(folder, engine, store, clock).evaluate_due()
    assert store.told() == []
    state = StateFile.at(folder.parent / "state.json").groups["a.yml;g"].rules[0]
    assert "same labelset" in state.error


def test_while_the_store_is_away_nothing_is_lost_but_the_instant(
    folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock
) -> None:
    engine.answers["sum by (job) (up)"] = [{"job": "api"}]
    rules = following(folder, engine, store, clock)
    store.away = True
    rules.evaluate_due()
    store.away = False
    clock.advance(30)
    rules.evaluate_due()
    assert store.told() == [({NAME: "job:up:sum", "team": "a", "job": "api"}, 1.0)]


def test_changed_files_are_read_again_and_what_they_no_longer_have_ends(
    folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock
) -> None:
    engine.answers |= {"sum by (job) (up)": [{"job": "api"}], "count(up)": [{}]}
    rules = following(folder, engine, store, clock)
    rules.evaluate_due()
    store.told()
    (folder / "a.yml").write_text('groups: [{name: g, interval: 30s, rules: [{record: "other", expr: "count(up)"}]}]')
    clock.advance(30)
    rules.evaluate_due()
    assert store.told() == [({NAME: "other"}, 1.0), ({NAME: "job:up:sum", "team": "a", "job": "api"}, "end")]


def test_only_who_tends_the_store_evaluates(folder: Path, engine: FakeEngine, store: FakeStore, clock: ManualClock) -> None:
    assert following(folder, engine, store, clock, may=False).evaluate_due() == 0
    assert engine.asked == []


def test_a_damaged_state_is_as_none(folder: Path) -> None:
    path = folder.parent / "state.json"
    for text in ("", "{}", '{"groups": []}', '{"groups": {"a": {}}}', '{"groups": {"a": 5}}'):
        path.write_text(text)
        assert StateFile.at(path).groups == {}
    told, _ = RuleDesk(folder, path).rules(Wanted())
    assert told["groups"][0]["lastEvaluation"] == NEVER


def test_only_the_rules_asked_for_are_told(folder: Path) -> None:
    desk = RuleDesk(folder, folder.parent / "none.json")

    def names(wanted: Wanted) -> list[str]:
        return [rule["name"] for group in desk.rules(wanted)[0]["groups"] for rule in group["rules"]]

    assert names(Wanted(kind="alert")) == ["Down"]
    assert names(Wanted(names=["all:up:sum"])) == ["all:up:sum"]
    assert names(Wanted(groups=["other"])) == names(Wanted(files=["b.yml"])) == []
    (folder / "b.yml").write_text("groups: 5")
    assert desk.rules(Wanted())[1] == ["b.yml: groups: must be a list"]


def test_rules_read_and_fill_a_real_store(folder: Path, tmp_path: Path, clock: ManualClock) -> None:
    store = MetricsStore(tmp_path / "metrics.db", clock)
    at = round(clock.now().timestamp() * 1000)
    times, ones = np.array([at - 1000]), np.array([1.0])
    store.append([Series(labels_of({NAME: "up", "job": job, "instance": job + str(n)}), times, ones) for job in ("a", "b") for n in (1, 2)])
    engine = Engine(store, Limits(), clock)
    Following(folder, StateFile.at(tmp_path / "state.json"), engine, store, clock, lambda: True).evaluate_due()
    (answer,) = engine.query("all:up:sum", at).curves
    assert answer.values.tolist() == [4.0]
    store.close()
