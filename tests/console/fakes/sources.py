"""A clock, and a source of readings in whichever state a test wants: fresh, empty, stale, failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from backend.answer import Empty, Failed, Fresh, Reading, Stale

START = datetime(2026, 11, 24, 14, 21, 5, tzinfo=UTC)
STATES = ("fresh", "empty", "stale", "failed")
HOSTILE = "[a](http://evil.example) *bold* :smile:"


@dataclass
class FakeClock:
    """Real time is not needed to look at a page."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def reading(state: str, value: Any, at: datetime = START) -> Reading[Any]:
    match state:
        case "empty":
            return Empty(at)
        case "stale":
            return Stale(value, at - timedelta(minutes=2), "the shared store does not answer")
        case "failed":
            return Failed("valkey", "the valkey store did not answer", at, at - timedelta(minutes=3))
        case _:
            return Fresh(value, at, 0.012)
