"""Questions to a metrics server that answers, answers badly, or does not answer: what the asker is told, and when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.answer import Empty, Failed, Fresh, Stale
from backend.clock import SystemClock
from backend.errors import QueryProblem
from backend.metering import Metering, build_metering
from backend.monitoring.client import MOST_POINTS, MetricsClient, aligned
from backend.monitoring.records import Instance
from backend.resilience import deadline
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.series import Series
from tests.support.stub_server import StubServer, answering

CLOCK = SystemClock()
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECONDS = 1.0  # of a question to a server that may be silent
PATIENT_SECONDS = 10.0  # of one to a server that answers, on however busy a machine


def document(data: Any, **more: Any) -> str:
    return json.dumps({"status": "success", "data": data, **more})


def vector(*rows: Any, **more: Any) -> str:
    return document({"resultType": "vector", "result": list(rows)}, **more)


UP = vector({"metric": {"__name__": "up"}, "value": [AT.timestamp(), "1"]})
NOTHING = vector()


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer(answering(UP)) as server:
        yield server


@pytest.fixture
def seconds() -> float:
    return PATIENT_SECONDS


@pytest.fixture
def metering(server: StubServer, seconds: float) -> Iterator[Metering]:
    settings = Settings.model_validate({"prometheus_url": server.url, "metrics_timeout_seconds": seconds})
    instance = Instance("1", "test", 1, "host", "1", AT)
    metering = build_metering(settings, SharedState("unix:///nowhere"), instance, Series("1"), CLOCK)
    yield metering
    metering.stop()


@pytest.fixture
def source(metering: Metering) -> MetricsClient:
    return metering.source


def test_an_answer_is_fresh_with_its_warnings_and_infos(server: StubServer, source: MetricsClient) -> None:
    server.behave = answering(vector({"metric": {"a": "b"}, "value": [1.5, "+Inf"]}, warnings=["partial"], infos=["not a counter"]))
    reading = source.instant("up", AT)
    assert isinstance(reading, Fresh)
    result = reading.value
    assert (result.kind, result.warnings, result.infos) == ("vector", ("partial",), ("not a counter",))
    assert (result.curves[0].labels, result.curves[0].times.tolist(), result.curves[0].values.tolist()) == (
        (("a", "b"),), [1500], [float("inf")]
    )  # fmt: skip
    assert "time=1772366400.000" in server.requests[0] and "timeout=" in server.requests[0]


def test_nothing_is_said_to_be_nothing_since_when(server: StubServer, source: MetricsClient) -> None:
    first = source.instant("gone")
    assert isinstance(first, Fresh)
    server.behave = answering(NOTHING)
    second = source.instant("gone")
    assert isinstance(second, Empty) and second.since == AT
    never = source.instant("never")
    assert isinstance(never, Empty) and never.since is None


def test_an_empty_answer_with_a_warning_is_no_nothing(server: StubServer, source: MetricsClient) -> None:
    server.behave = answering(vector(warnings=["one of two servers is away"]))
    assert isinstance(source.instant("up"), Fresh)


def killed(server: StubServer) -> None:
    server.kill()


def slow(server: StubServer) -> None:
    server.behave = server.silent


def garbage(server: StubServer) -> None:
    server.behave = answering("<html>")


def half_a_body(server: StubServer) -> None:
    server.behave = answering(UP[:40], length=len(UP))


def half_a_matrix(server: StubServer) -> None:
    server.behave = answering(vector({"metric": {}, "value": [1.0, "1"]}, {"metric": {"a": "b"}}))


def wrong_numbers(server: StubServer) -> None:
    server.behave = answering(vector({"metric": {}, "value": [1.0, "one"]}))


def broken(server: StubServer) -> None:
    server.behave = answering("oops", status=500)


def elsewhere(server: StubServer) -> None:
    server.behave = answering("", status=301)


def locked(server: StubServer) -> None:
    server.behave = answering("who are you", status=401)


TROUBLES = (killed, garbage, half_a_body, half_a_matrix, wrong_numbers, broken, elsewhere, locked)


@pytest.mark.parametrize(("trouble", "seconds"), [(slow, SECONDS), *((trouble, PATIENT_SECONDS) for trouble in TROUBLES)])
def test_whatever_befalls_the_server_is_said_within_the_deadline(
    server: StubServer, source: MetricsClient, trouble: Any, seconds: float
) -> None:
    good = source.instant("up")
    assert isinstance(good, Fresh)
    trouble(server)
    begun = CLOCK.monotonic()
    stale, failed = source.instant("up"), source.instant("other")
    assert CLOCK.monotonic() - begun < 2 * seconds + 0.5
    assert isinstance(stale, Stale) and stale.at == good.at and stale.value.curves[0].values[0] == 1
    assert isinstance(failed, Failed) and failed.last_good == good.at and failed.source == "metrics"
    assert stale.why == failed.why and failed.why.startswith("metrics ")


def test_a_callers_shorter_deadline_counts(server: StubServer, source: MetricsClient) -> None:
    server.behave = server.silent
    begun = CLOCK.monotonic()
    with deadline.within(0.1, CLOCK):
        assert isinstance(source.instant("up"), Failed)
    assert CLOCK.monotonic() - begun < 1.0


def test_a_server_in_trouble_is_left_alone_after_some_questions(server: StubServer, metering: Metering, source: MetricsClient) -> None:
    server.behave = answering("oops", status=500)
    for _ in range(12):
        source.instant("up")
    asked = len(server.requests)
    reading = source.instant("up")
    assert isinstance(reading, Failed) and len(server.requests) == asked
    assert metering.breaker.view().state == "open"


@pytest.mark.parametrize("seconds", [SECONDS])
def test_silence_and_nonsense_count_against_the_server(server: StubServer, metering: Metering, source: MetricsClient) -> None:
    server.behave = answering("<html>")
    source.instant("up")
    server.behave = server.silent
    source.instant("up")
    assert metering.breaker.totals().bad == 2


@pytest.mark.parametrize(
    ("status", "kind", "text", "position", "detail"),
    [
        (400, "bad_data", 'invalid parameter "query": 1:4: parse error: unexpected )', 3, "unexpected )"),
        (400, "bad_data", '2:2: parse error: é is odd', 7, "é is odd"),
        (422, "execution", "many-to-many matching not allowed", None, "many-to-many matching not allowed"),
        (503, "timeout", "query timed out in expression evaluation", None, "query timed out in expression evaluation"),
    ],
)  # fmt: skip
def test_a_questions_own_fault_is_raised_with_its_place(
    server: StubServer, metering: Metering, source: MetricsClient, status: int, kind: str, text: str, position: int | None, detail: str
) -> None:
    server.behave = answering(json.dumps({"status": "error", "errorType": kind, "error": text}), status=status)
    with pytest.raises(QueryProblem) as problem:
        source.instant("sum(é\n +)")
    assert (problem.value.kind, problem.value.detail, problem.value.position) == (kind, detail, position)
    if status < 500:
        assert metering.breaker.totals().bad == 0


def test_a_range_goes_by_whole_steps_to_the_millisecond(server: StubServer, source: MetricsClient) -> None:
    server.behave = answering(document({"resultType": "matrix", "result": [{"metric": {}, "values": [[0.5, "1"], [1.0, "NaN"]]}]}))
    reading = source.range("up", AT + timedelta(milliseconds=740), AT + timedelta(seconds=9, milliseconds=900), 0.25)
    assert isinstance(reading, Fresh)
    assert [part in server.requests[0] for part in ("start=1772366400.500", "end=1772366409.750", "step=0.250")] == [True] * 3


def test_a_step_grows_until_there_are_few_enough_points() -> None:
    start, end, step = aligned(AT - timedelta(days=30), AT, 15)
    assert step == 236 and start % step == end % step == 0 and (end - start) / step + 1 <= MOST_POINTS
    with pytest.raises(QueryProblem, match="before its start"):
        aligned(AT, AT - timedelta(seconds=1), 15)


def test_what_cannot_be_part_of_an_address_is_refused(source: MetricsClient) -> None:
    for label in ("", "a/../b", "9", "é"):
        with pytest.raises(QueryProblem, match="label"):
            source.label_values(label)
    with pytest.raises(QueryProblem, match="longer"):
        source.instant("x" * 20_000)


def test_lists_are_read_strictly(server: StubServer, source: MetricsClient) -> None:
    server.behave = answering(document(["a", "b"]))
    assert [getattr(source.label_names(), "value", None), getattr(source.label_values("job", ["up"]), "value", None)] == [["a", "b"]] * 2
    assert "match%5B%5D=up" in server.requests[1]
    server.behave = answering(document(["a", 1]))
    assert isinstance(source.label_names(["up"]), Failed)
    server.behave = answering(document([{"job": "api"}]))
    assert getattr(source.series(["up"], AT, AT), "value", None) == [{"job": "api"}]
    server.behave = answering(document({"up": [{"type": "gauge", "help": "1 while it answers.", "unit": ""}]}))
    assert getattr(source.metadata(), "value", None) == {"up": ("gauge", "1 while it answers.")}


def test_what_the_library_cannot_ask_goes_through_the_same_circuit(server: StubServer, metering: Metering, source: MetricsClient) -> None:
    one = {"labels": {"trace_id": "t"}, "value": "0.5", "timestamp": AT.timestamp()}
    server.behave = answering(document([{"seriesLabels": {"job": "api"}, "exemplars": [one]}]))
    (exemplar,) = getattr(source.exemplars("up", AT, AT), "value", [None])
    assert (exemplar.labels, exemplar.series, exemplar.value, exemplar.at) == ({"trace_id": "t"}, {"job": "api"}, 0.5, AT)
    server.behave = answering(document({"version": "3.5.0"}))
    assert getattr(source.server(), "value", None).version == "3.5.0"
    server.behave = answering("{}")
    assert isinstance(source.exemplars("down", AT, AT), Failed)
    assert metering.breaker.totals().ok == 3
