"""The use of stores, as their metrics tell it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from backend.charts.engine.computing_thread import ComputingThread
from backend.errors import StorageUnavailable
from backend.observing import Sending, computing_readings, file_sizes, store_readings
from backend.settings import Settings
from backend.storage.database import Database, sqlite_url
from backend.storage.shared import SharedState
from backend.storage.usage import BOUNDS_SECONDS, Usage
from backend.telemetry.process_metrics import OPERATION_SECONDS
from backend.telemetry.series import Series
from tests.support.expositions import read_exposition


def told(series: Series) -> dict[str, float]:
    """By the last part of the name and the labels' values."""
    return {
        f"{one.name} {' '.join(one.labels[name] for name in sorted(one.labels))}".strip(): one.value
        for one in read_exposition(series.exposition())
    }


def test_the_buckets_are_those_that_are_documented() -> None:
    assert BOUNDS_SECONDS == OPERATION_SECONDS


def test_transactions_and_commands_are_counted_with_their_waits_and_what_fails(tmp_path: Path) -> None:
    database, away = Database(sqlite_url(tmp_path / "a.db")), SharedState(f"unix://{tmp_path / 'nobody.sock'}")
    series = Series("1")
    series.read(lambda: store_readings({"sql": database.usage, "valkey": away.usage}, database.most_connections))
    with database.transaction() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        assert told(series)["astrolabe_store_in_use sql"] == 1
    with database.reading(), database.glance():
        pass
    with pytest.raises(StorageUnavailable):
        away.ping()
    found = told(series)
    database.close()
    away.close()
    assert found["astrolabe_store_operation_seconds_count write sql"] == 1
    assert found["astrolabe_store_operation_seconds_count read sql"] == 2
    assert found["astrolabe_store_wait_seconds_count sql"] == 3
    assert found["astrolabe_store_in_use sql"] == 0 and found["astrolabe_store_limit sql"] == 16
    assert found["astrolabe_store_operation_seconds_count command valkey"] == 1
    assert found["astrolabe_store_errors_total away valkey"] == 1 and found["astrolabe_store_errors_total away sql"] == 0


def test_an_operation_lands_in_the_bucket_of_its_time() -> None:
    usage = Usage("read")
    for seconds in (0.0, 0.0005, 0.0006, 99.0):
        usage.waits.add(seconds)
    assert usage.waits.counts[:2] == [2, 1] and usage.waits.counts[-1] == 1 and usage.waits.total == pytest.approx(99.0011)


def test_the_computing_thread_tells_how_long_it_worked_and_how_long_others_waited() -> None:
    thread = ComputingThread("test")
    for _ in range(3):
        thread.run(lambda: sum(range(20_000)))
    with pytest.raises(KeyError):
        thread.run(lambda: {}["nothing"])
    thread.close()
    usage = thread.usage()
    assert usage.jobs == 4 and usage.waiting == 0 and usage.busy_seconds > 0 and usage.wait_seconds > 0
    series = Series("1")
    series.read(lambda: computing_readings(usage))
    assert told(series)["astrolabe_computing_jobs_total"] == 4


def test_files_that_are_there_are_told_with_their_sizes(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    (tmp_path / "astrolabe.db").write_bytes(b"x" * 5)
    (tmp_path / "astrolabe.db-wal").write_bytes(b"x" * 3)
    rows = {row.labels: row.value for row in file_sizes(settings).rows}
    assert rows == {("astrolabe.db",): 5, ("astrolabe.db-wal",): 3}
    assert file_sizes(Settings(state_dir=tmp_path, database_url="postgresql+psycopg://x")).rows == []


def test_a_collector_that_takes_nothing_is_told_once_until_it_takes_something(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([False, False, True, False])
    sending = Sending(lambda: next(answers))
    for _ in range(4):
        sending.send()
    assert capsys.readouterr().out.count("traces_not_taken") == 2
