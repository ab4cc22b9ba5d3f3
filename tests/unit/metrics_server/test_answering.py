"""Answers out of a real store and the engine, as documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.errors import StorageUnavailable
from backend.metrics_server import questions
from backend.metrics_server.answering import TRUNCATED, Answering
from backend.metrics_server.worker import answered
from backend.monitoring.embedded.records import Exposition, Series, Target
from backend.monitoring.embedded.remote_write import encoded
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.engine import Limits
from backend.monitoring.promql.labels import NAME, labels_of
from tests.support.clock import START, ManualClock

AT = int(START.timestamp() * 1000)
EXPOSED = b"""# TYPE requests counter
# HELP requests Requests answered.
requests_total{route="/a"} 3.0 # {trace_id="t1"} 0.5
requests_total{route="/b"} 4.0
# TYPE load gauge
# HELP load How busy.
load 0.5
# EOF
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MetricsStore]:
    store = MetricsStore(tmp_path / "metrics.db", ManualClock())
    target = Target(labels_of({"job": "api", "instance": "i:1"}), "http://i:1/metrics")
    store.append_scrape(target, AT, Exposition(EXPOSED, "application/openmetrics-text"), 0.25)
    yield store
    store.close()


@pytest.fixture
def answering(store: MetricsStore) -> Answering:
    return Answering(store, Limits(), 5.0, ManualClock())


def data(answering: Answering, question: questions.Question, status: int = 200) -> Any:
    said = answering.answer(question)
    assert said.status == status, said.body
    document = json.loads(said.body)
    return document["data"] if status == 200 else document


def test_a_query_is_answered_with_what_it_cost(answering: Answering) -> None:
    found = data(answering, questions.Instant("requests_total", AT, 10.0, stats=True))
    assert {one["metric"]["route"]: one["value"] for one in found["result"]} == {"/a": [AT / 1000, "3"], "/b": [AT / 1000, "4"]}
    assert found["stats"]["samples"]["totalQueryableSamples"] >= 2
    ranged = data(answering, questions.Range("sum(requests_total)", AT, AT + 30_000, 15_000, 10.0))
    assert [point[1] for point in ranged["result"][0]["values"]] == ["7", "7", "7"]


def test_what_is_cut_off_by_a_limit_says_so(answering: Answering) -> None:
    for question in (
        questions.Instant("requests_total", AT, 10.0, limit=1),
        questions.SeriesList(("requests_total",), AT, AT, limit=1),
        questions.LabelNames((), AT, AT, limit=1),
        questions.LabelValues("route", (), AT, AT, limit=1),
    ):
        assert json.loads(answering.answer(question).body)["warnings"] == [TRUNCATED]


def test_lists_come_from_the_store(answering: Answering) -> None:
    assert data(answering, questions.LabelValues("route", ("requests_total",), AT, AT)) == ["/a", "/b"]
    assert {"job", "instance", "route", NAME} == set(data(answering, questions.LabelNames(("requests_total",), AT, AT)))
    series = data(answering, questions.SeriesList(('{route="/a"}', "load"), AT, AT))
    assert [one[NAME] for one in series] == ["load", "requests_total"]


def test_metadata_exemplars_and_targets_have_prometheus_form(answering: Answering) -> None:
    metadata = data(answering, questions.MetadataOf(limit=1))
    assert metadata == {"load": [{"type": "gauge", "help": "How busy.", "unit": ""}]}
    (found,) = data(answering, questions.Exemplars("rate(requests_total[5m]) + on () group_left () load", AT - 1000, AT + 1000))
    assert (found["seriesLabels"]["route"], found["exemplars"]) == (
        "/a", [{"labels": {"trace_id": "t1"}, "value": "0.5", "timestamp": AT / 1000}]
    )  # fmt: skip
    (target,) = data(answering, questions.Targets())["activeTargets"]
    assert (target["health"], target["scrapeUrl"], target["labels"]["job"]) == ("up", "http://i:1/metrics", "api")
    assert data(answering, questions.Targets("dropped"))["activeTargets"] == []


def test_a_write_is_kept_or_told_why_not(answering: Answering) -> None:
    times, values = np.array([AT, AT + 1000]), np.array([1.0, 2.0])
    body = encoded([Series(labels_of({NAME: "written"}), times, values)])
    assert answering.answer(questions.Written(body)).status == 204
    again = answering.answer(questions.Written(body))
    assert again.status == 400 and again.body == b"dropped samples: 1 duplicate, 1 out_of_order\n"
    assert answering.answer(questions.Written(b"nonsense")).status == 400


def test_errors_are_documents_with_their_place(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = data(answering, questions.Instant("sum(", AT, 10.0), 400)
    assert wrong["errorType"] == "bad_data" and ": parse error: " in wrong["error"]
    assert data(answering, questions.Range("a", 0, 10**12, 1, 10.0), 400)["errorType"] == "bad_data"
    bytes_of_nobody = answering.answer(questions.Instant('"\\xff"', AT, 10.0))
    assert bytes_of_nobody.status == 200 and b'"?"' in bytes_of_nobody.body


class Broken:
    """A store that is away, or worse."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise self.error


class PanicException(BaseException):
    """As the parser's library has one."""


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (StorageUnavailable("metrics"), 503, "unavailable"),
        (MemoryError(), 422, "execution"),
        (RuntimeError("secret"), 500, "internal"),
        (PanicException("secret"), 400, "bad_data"),
    ],
)
def test_whatever_goes_wrong_is_an_answer_without_its_words(error: BaseException, status: int, kind: str) -> None:
    answering = Answering(Broken(error), Limits(), 5.0, ManualClock())  # type: ignore[arg-type]
    said = answered(answering, questions.LabelNames((), 0, 1))
    assert (said.status, json.loads(said.body)["errorType"]) == (status, kind)
    assert b"secret" not in said.body
