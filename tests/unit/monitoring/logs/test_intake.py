"""Lines go from files into the store once each, through moves, half lines, other workers and kills."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from backend.errors import StorageUnavailable
from backend.monitoring.logs.intake import Keeping, LogIntake
from backend.monitoring.logs.reading import NOT_READ
from backend.monitoring.logs.record import LogLine
from backend.monitoring.logs.store import LogStore
from backend.run import move_aside
from backend.storage.database import Database
from backend.telemetry.stream import FollowedFile, LossyStream
from tests.support.clock import START, ManualClock
from tests.support.log_lines import criteria


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "log"
    made.mkdir()
    return made


def intake(database: Database, folder: Path, clock: ManualClock | None = None, most: int = 1_000_000) -> LogIntake:
    return LogIntake(database, folder, "here", Keeping(timedelta(days=7), most), clock or ManualClock())


def text(number: int, **more: object) -> str:
    at = (START + timedelta(milliseconds=number)).isoformat()
    return json.dumps({"at": at, "level": "info", "event": "said", "role": "api", "number": number, **more}) + "\n"


def write(path: Path, *numbers: int) -> None:
    with path.open("a") as file:
        file.writelines(map(text, numbers))


def kept(database: Database) -> list[LogLine]:
    with database.reading() as connection:
        return list(reversed(LogStore(connection).search(criteria(), 5000).lines))


def numbers(database: Database) -> list[int]:
    return [line.fields["number"] for line in kept(database) if "number" in line.fields]


def test_lines_are_taken_once_whoever_reads_and_however_often(sqlite_database: Database, folder: Path) -> None:
    write(folder / "api.log", 1, 2)
    assert intake(sqlite_database, folder).take() == 2
    assert intake(sqlite_database, folder).take() == 0
    write(folder / "api.log", 3)
    write(folder / "worker.log", 4)
    assert intake(sqlite_database, folder).take() == 2
    assert numbers(sqlite_database) == [1, 2, 3, 4]


def test_two_files_that_begin_alike_are_two(sqlite_database: Database, folder: Path) -> None:
    for number, name in enumerate(("api-1.log", "api-2.log")):
        (folder / name).write_text("2026-01-01 12:00:00 starting\n" + text(number))
    intake(sqlite_database, folder).take()
    assert numbers(sqlite_database) == [0, 1]


def test_half_a_line_waits_for_its_end(sqlite_database: Database, folder: Path) -> None:
    path, whole = folder / "api.log", text(2)
    write(path, 1)
    with path.open("a") as file:
        file.write(whole[:20])
    assert intake(sqlite_database, folder).take() == 1
    with path.open("a") as file:
        file.write(whole[20:])
    assert intake(sqlite_database, folder).take() == 1
    assert numbers(sqlite_database) == [1, 2]


def test_a_file_that_was_moved_aside_is_read_to_its_end(sqlite_database: Database, folder: Path) -> None:
    path = folder / "api.log"
    write(path, 1, 2)
    intake(sqlite_database, folder).take()
    write(path, 3)
    move_aside(path, longest_bytes=1)
    write(path, 4)
    write(path.with_suffix(".log.1"), 5)  # by a process that has not looked yet
    assert intake(sqlite_database, folder).take() == 3
    assert numbers(sqlite_database) == [1, 2, 3, 4, 5]


def test_a_writer_whose_file_is_moved_loses_no_line(sqlite_database: Database, folder: Path) -> None:
    path, now = folder / "api.log", [0.0]
    with (folder.parent / "unused").open("w") as unused:
        stream = LossyStream(FollowedFile(path, lambda: now[0], unused.fileno()))
        for number in range(60):
            stream.write(text(number))
            now[0] += 0.4
            if number % 13 == 12:
                move_aside(path, longest_bytes=1)
            if number % 5 == 4:
                intake(sqlite_database, folder).take()
    intake(sqlite_database, folder).take()
    assert numbers(sqlite_database) == list(range(60))
    assert path.with_suffix(".log.1").exists() and path.exists()


def test_what_is_no_event_is_told_without_its_text(sqlite_database: Database, folder: Path) -> None:
    (folder / "api.log").write_bytes(
        b"Traceback: born 1990-01-01\n" + b"\xff\xfe\n" + b'{"event": 5}\n' + b'["event"]\n' + text(1).encode()
    )
    assert intake(sqlite_database, folder).take() == 2
    told = [line for line in kept(sqlite_database) if line.event == NOT_READ]
    assert [line.fields["lines"] for line in told] == [4] and told[0].fields["file"] == "api.log"
    assert "1990" not in str([line.document() for line in kept(sqlite_database)])


def test_a_line_with_the_strangest_values_is_kept(sqlite_database: Database, folder: Path) -> None:
    strange = {
        "note": "a\0b\ud800",
        "deep": {"x": [1, None, {"y": "z"}]},
        "big": "x" * 40_000,
        "level": "loud",
        "at": "yesterday",
        "role": 7,
    }
    (folder / "api.log").write_text(json.dumps({"event": "odd\n", **strange}) + "\n")
    assert intake(sqlite_database, folder).take() == 1
    (line,) = kept(sqlite_database)
    assert (line.event, line.level, line.role, line.at) == ("odd ", "info", "7", START)


def test_nothing_is_taken_where_the_transaction_fails(sqlite_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies between two statements leaves nothing half done: lines and position are one transaction."""
    write(folder / "api.log", 1, 2)
    monkeypatch.setattr(LogStore, "moved", _fail)
    with pytest.raises(StorageUnavailable):
        intake(sqlite_database, folder).take()
    monkeypatch.undo()
    assert numbers(sqlite_database) == []
    assert intake(sqlite_database, folder).take() == 2


def _fail(*_: object) -> None:
    raise StorageUnavailable("sql")


def test_two_workers_at_once_take_each_line_once(sqlite_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "api.log", 1, 2)
    reading = LogIntake._read

    def slow(self: LogIntake, *given: object) -> object:
        batch = reading(self, *given)  # type: ignore[arg-type]
        monkeypatch.setattr(LogIntake, "_read", reading)
        intake(sqlite_database, folder).take()
        return batch

    monkeypatch.setattr(LogIntake, "_read", slow)
    assert intake(sqlite_database, folder).take() == 0
    assert numbers(sqlite_database) == [1, 2]


def test_a_file_that_went_before_it_was_read_is_told(sqlite_database: Database, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "api.log"
    write(path, *range(9000))
    clock = ManualClock()
    monotonic = iter(range(0, 1000, 10))
    clock.monotonic = lambda: float(next(monotonic))  # type: ignore[method-assign] # there is time for one batch
    slow = intake(sqlite_database, folder, clock)
    taken = slow.take()
    path.unlink()
    slow.take()
    told = capsys.readouterr()
    assert 0 < taken < 9000
    assert "log_lines_lost" in told.out + told.err
    slow.take()
    assert "log_lines_lost" not in "".join(capsys.readouterr())


def test_the_oldest_are_forgotten(sqlite_database: Database, folder: Path) -> None:
    clock = ManualClock()
    write(folder / "api.log", *range(0, 600_000, 60_000))
    keeper = intake(sqlite_database, folder, clock, most=4)
    keeper.take()
    assert keeper.forget() == 6
    assert numbers(sqlite_database) == [360_000, 420_000, 480_000, 540_000]
    clock.advance(8 * 86_400)
    assert keeper.forget() == 4


def test_a_folder_that_is_not_there_has_no_lines(sqlite_database: Database, tmp_path: Path) -> None:
    assert intake(sqlite_database, tmp_path / "none").take() == 0
