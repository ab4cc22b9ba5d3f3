"""What each process of a scenario writes down: one JSON line an event, on the machine's monotonic clock, kept whatever kills it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class Log:
    """One process's file. A line is one write, so that threads and a SIGKILL leave whole lines."""

    def __init__(self, path: Path, process: str) -> None:
        self._process = process
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, what: str, *, at: float | None = None, **facts: object) -> None:
        line = {"process": self._process, "what": what, "at": time.monotonic() if at is None else at, **facts}
        os.write(self._file, json.dumps(line).encode() + b"\n")


@dataclass(frozen=True)
class Event:
    """One line read again."""

    process: str
    what: str
    at: float
    facts: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]


def events_in(folder: Path) -> list[Event]:
    """What all processes wrote, in the order of time."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            facts = json.loads(line)
            found.append(Event(facts.pop("process"), facts.pop("what"), facts.pop("at"), facts))
    return sorted(found, key=lambda event: event.at)
