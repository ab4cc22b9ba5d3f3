"""A log line that cannot be written is counted, and hinders nobody."""

from __future__ import annotations

import io
import json
from pathlib import Path

from backend.telemetry.logging import configure, log
from backend.telemetry.stream import LossyStream


class Disk(io.StringIO):
    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_a_full_disk_hinders_nobody_who_logs() -> None:
    with Path("/dev/full").open("w") as full:
        configure("info", "api", "i", full)
        log("x").info("said")


def test_lost_lines_are_told_once_there_is_room_again() -> None:
    disk = Disk()
    stream = LossyStream(disk)
    disk.full = True
    for _ in range(3):
        stream.write('{"event":"lost"}\n')
    disk.full = False
    stream.write('{"event":"one"}\n')
    stream.write('{"event":"two"}\n')
    lines = [json.loads(line) for line in disk.getvalue().splitlines() if line]
    assert lines == [{"event": "log_lines_lost", "count": 3}, {"event": "one"}, {"event": "two"}]


def test_a_line_cut_by_the_end_of_the_disk_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("w") as file:
        stream = LossyStream(file)
        stream._write = lambda text: _half(file, text)
        stream.write('{"event":"cut"}\n')
        stream._write = lambda text: print(text, end="", file=file, flush=True)
        stream.write('{"event":"whole"}\n')
    assert json.loads(path.read_text().splitlines()[-1]) == {"event": "whole"}


def _half(file: io.TextIOWrapper, text: str) -> None:
    print(text[:5], end="", file=file, flush=True)
    raise OSError("no room for the whole line")
