"""Parameters of Prometheus's HTTP API: times, durations, limits; wrong ones are 'bad_data', named like there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from backend.errors import QueryProblem
from backend.monitoring.durations import milliseconds_of

EARLIEST, LATEST = -(2**53), 2**53  # ms: what a double holds exactly
_FIRST, _LAST = "-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z"  # Prometheus's own words for the two ends


class Given:
    """The parameters of one request, of its address and of its form."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """The first of that name, '' if there is none."""
        return next(iter(self._values.get(name, ())), "")

    def needed(self, name: str) -> str:
        found = self.text(name)
        if not found:
            raise invalid(name, "it is missing")
        return found

    def every(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def time(self, name: str, default: int) -> int:
        """Milliseconds since 1970."""
        text = self.text(name)
        return _time(name, text) if text else default

    def needed_time(self, name: str) -> int:
        return _time(name, self.needed(name))

    def duration(self, name: str, default: int | None = None) -> int:
        """Milliseconds."""
        text = self.text(name)
        if not text and default is not None:
            return default
        return duration(name, text)

    def count(self, name: str) -> int:
        """0, which is no limit, if there is none."""
        text = self.text(name)
        if not text:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            raise invalid(name, "it must be a whole number, 0 or more")
        return int(text)


def invalid(name: str, why: str) -> QueryProblem:
    return QueryProblem("bad_data", f'invalid parameter "{name}": {why}')


def duration(name: str, text: str) -> int:
    """Milliseconds of seconds as a number, or of a duration as PromQL writes it."""
    seconds = _number(text)
    if seconds is not None:
        if not math.isfinite(seconds) or abs(seconds) > LATEST / 1000:
            raise invalid(name, f'"{text[:40]}" is out of range')
        return round(seconds * 1000)
    found = milliseconds_of(text)
    if found is None:
        raise invalid(name, f'cannot parse "{text[:40]}" to a valid duration')
    return found


def _time(name: str, text: str) -> int:
    if text in (_FIRST, _LAST):
        return EARLIEST if text == _FIRST else LATEST
    seconds = _number(text)
    if seconds is None:
        seconds = _rfc3339(text)
    if seconds is None or not math.isfinite(seconds):
        raise invalid(name, f'cannot parse "{text[:40]}" to a valid timestamp')
    if abs(seconds) > LATEST / 1000:
        return LATEST if seconds > 0 else EARLIEST
    return round(seconds * 1000)


def _number(text: str) -> float | None:
    if "_" in text or text != text.strip():
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _rfc3339(text: str) -> float | None:
    """Unix seconds; None: it is no such time, or names no zone."""
    if len(text) < 20 or text[10] not in "Tt":
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.timestamp()
