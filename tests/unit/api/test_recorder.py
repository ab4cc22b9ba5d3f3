"""The recorder never blocks, never grows, and counts what it drops."""

from __future__ import annotations

import contextlib
import io
import json

import pytest

from backend.api.recorder import RequestRecorder
from backend.errors import StorageUnavailable
from backend.monitoring.records import RequestRecord
from backend.telemetry.logging import configure
from backend.telemetry.series import Series
from tests.support.clock import START
from tests.unit.api.builders import FakeMonitoring


def record(number: int, route: str = "/v1/charts", status: int = 200) -> RequestRecord:
    return RequestRecord(f"r{number}", START, "POST", route, status, 0.01, "a" * 32, "i")


@pytest.fixture
def monitoring() -> FakeMonitoring:
    return FakeMonitoring()


def test_a_flush_hands_over_everything_once(monitoring: FakeMonitoring) -> None:
    recorder = RequestRecorder(monitoring, Series("0"))
    recorder.put(record(1))
    recorder.put(record(2))
    assert recorder.flush() == 2 and recorder.flush() == 0
    assert [one.id for one in monitoring.batches[0]] == ["r1", "r2"]


def test_a_full_queue_drops_the_oldest_and_says_so(monitoring: FakeMonitoring) -> None:
    series = Series("0")
    recorder = RequestRecorder(monitoring, series, capacity=2)
    for number in range(5):
        recorder.put(record(number))
    recorder.flush()
    assert [one.id for one in monitoring.batches[0]] == ["r3", "r4"]
    assert b'astrolabe_request_records_dropped_total{why="full"} 3.0' in series.exposition()


def test_a_database_that_is_away_costs_the_batch_and_is_counted(monitoring: FakeMonitoring) -> None:
    series = Series("0")
    recorder = RequestRecorder(monitoring, series)
    monitoring.error = StorageUnavailable("sql")
    recorder.put(record(1))
    with contextlib.suppress(StorageUnavailable):
        recorder.flush()
    assert b'astrolabe_request_records_dropped_total{why="sql_away"} 1.0' in series.exposition()
    monitoring.error = None
    assert recorder.flush() == 0


def test_what_was_lost_is_told_in_one_line_once_the_database_is_back(monitoring: FakeMonitoring) -> None:
    lines = io.StringIO()
    configure("info", "api", "i", lines)
    recorder = RequestRecorder(monitoring, Series("0"))
    monitoring.error = StorageUnavailable("sql")
    for number in range(3):
        recorder.put(record(number))
        with contextlib.suppress(StorageUnavailable):
            recorder.flush()
    monitoring.error = None
    for number in range(2):
        recorder.put(record(number))
        recorder.flush()
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(line["event"], line["count"]) for line in told] == [("request_records_lost", 3)]


def test_questions_by_machines_are_not_kept_unless_they_fail(monitoring: FakeMonitoring) -> None:
    recorder = RequestRecorder(monitoring, Series("0"))
    recorder.put(record(1, "/livez"))
    recorder.put(record(2, "/readyz", 503))
    recorder.flush()
    assert [one.id for one in monitoring.batches[0]] == ["r2"]


def test_stopping_writes_what_is_left(monitoring: FakeMonitoring) -> None:
    recorder = RequestRecorder(monitoring, Series("0"))
    recorder.start()
    recorder.put(record(1))
    recorder.stop()
    assert sum(len(batch) for batch in monitoring.batches) == 1
