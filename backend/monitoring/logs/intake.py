"""Takes log lines from the files that processes write into the store: each line once, whatever is killed in between.

Processes write whole lines straight to their files, so a line that was written outlives its process. How far a file was read is
kept in the same transaction as its lines. A file is known by its number on the disk and its beginning, not by its name: it may be moved
while it is read. Its beginning alone would not do, as two processes may begin with the same words, nor its number, which is given again.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from backend.clock import Clock
from backend.monitoring.logs.reading import Position, lines_of
from backend.monitoring.logs.record import LogLine
from backend.monitoring.logs.store import LogStore
from backend.storage.database import Database
from backend.telemetry.logging import log

LOG = log(__name__)
BATCH_BYTES = 400_000  # some thousand lines: what one short transaction takes in
BEGINNING_BYTES = 4_096
ROUND_SECONDS = 0.5
PATTERN = "*.log*"  # a file and the one before it, which was moved aside
FORGET_AT_ONCE = 5_000
_FORGOTTEN = timedelta(days=2)


@dataclass(frozen=True)
class Keeping:
    """How long lines are kept, and how many at most."""

    age: timedelta
    most: int


@dataclass(frozen=True)
class _File:
    id: str
    path: Path
    size: int


@dataclass(frozen=True)
class _Batch:
    lines: Sequence[LogLine]
    begun: int
    ended: int


class LogIntake:
    """Reads the files of one folder, on this host. Any number of workers may do so at once."""

    def __init__(self, database: Database, folder: Path, host: str, keeping: Keeping, clock: Clock) -> None:
        self._database = database
        self._folder = folder
        self._host = host
        self._keeping = keeping
        self._clock = clock

    def take(self) -> int:
        """Read on where it was left, for at most half a second or one batch a file; how many lines. (A job.)"""
        begun, taken = self._clock.monotonic(), 0
        files = list(self._files())
        with self._database.glance() as connection:
            known = {position.id: position for position in LogStore(connection).positions(self._host)}
        for file in files:
            at = known[file.id].position if file.id in known else 0
            while at < file.size:
                batch = self._read(file, at)
                if batch is None or not self._keep(file, batch):
                    break
                taken, at = taken + len(batch.lines), batch.ended
                if self._clock.monotonic() - begun > ROUND_SECONDS:
                    break
        self._notice_gone([known[name] for name in known.keys() - {file.id for file in files}])
        return taken

    def forget(self) -> int:
        """Remove what is too old or too much, some thousand lines in each short transaction; how many lines. (A job.)"""
        gone, before = 0, self._clock.now() - self._keeping.age
        while True:
            with self._database.transaction() as connection:
                step = LogStore(connection).forget(before, self._keeping.most, FORGET_AT_ONCE)
            gone += step
            if step < FORGET_AT_ONCE:
                return gone

    def _files(self) -> Iterator[_File]:
        """Those with at least one whole line, what was moved aside first."""
        for path in sorted(self._folder.glob(PATTERN), key=lambda path: (path.suffix == ".log", path.name)):
            try:
                with path.open("rb") as opened:
                    name, size = _name_of(opened), os.fstat(opened.fileno()).st_size
            except FileNotFoundError:  # moved meanwhile: it is found again under its next name
                continue
            if name is not None:
                yield _File(name, path, size)

    def _read(self, file: _File, at: int) -> _Batch | None:
        """The next whole lines; None: there are none yet, or another file has its name by now."""
        try:
            with file.path.open("rb") as opened:
                if _name_of(opened) != file.id:
                    return None
                opened.seek(at)
                data = opened.read(BATCH_BYTES)
                while b"\n" not in data and (more := opened.read(BATCH_BYTES)):
                    data += more
        except FileNotFoundError:
            return None
        end = data.rfind(b"\n") + 1
        lines = lines_of(data[:end], self._clock.now(), file.path.name)
        return _Batch(lines, at, at + end) if end else None

    def _keep(self, file: _File, batch: _Batch) -> bool:
        """Whether the lines were added: another worker may have done so before."""
        with self._database.transaction() as connection:
            store = LogStore(connection)
            store.lock()
            known = store.position(file.id)
            if (known.position if known else 0) != batch.begun:
                return False
            store.append(batch.lines)
            store.moved(Position(file.id, file.path.name, batch.ended, max(file.size, batch.ended), self._host, self._clock.now()))
        return True

    def _notice_gone(self, gone: Sequence[Position]) -> None:
        """Files that are there no more: what was left in them is said once; later they are forgotten."""
        now = self._clock.now()
        unread = [position for position in gone if position.position < position.size]
        old = [position.id for position in gone if now - position.read_at > _FORGOTTEN]
        if not unread and not old:
            return
        with self._database.transaction() as connection:
            store = LogStore(connection)
            for position in unread:
                store.moved(replace(position, position=position.size))
            store.forget_files(old)
        for position in unread:
            LOG.warning("log_lines_lost", file=position.name, bytes=position.size - position.position)


def _name_of(opened: BinaryIO) -> str | None:
    """What a file is known by: its number and its first line, or as much of it as matters; None: there is no whole line yet."""
    beginning = opened.read(BEGINNING_BYTES)
    if b"\n" not in beginning and len(beginning) < BEGINNING_BYTES:
        return None
    known_by = b"%d\n%s" % (os.fstat(opened.fileno()).st_ino, beginning.partition(b"\n")[0])
    return hashlib.blake2s(known_by, digest_size=16).hexdigest()
