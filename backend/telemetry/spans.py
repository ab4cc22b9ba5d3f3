"""What a request did and how long each part took: spans of one request, kept in its context and read at its end.

Nothing is recorded outside ``recording``: a span there costs one look at the context. Names and attributes are ours, never input.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter

MOST_SPANS = 64
OK, FAILED, UNFINISHED = "ok", "failed", "unfinished"


@dataclass(frozen=True, slots=True)
class Span:
    """One part of a request. ``begins_seconds`` after the request did; ``outcome``: 'ok', an error's code or class, 'unfinished'.

    ``parent``: the place of the span around it among the request's, or None for those that lie directly in the request.
    """

    name: str
    begins_seconds: float
    seconds: float
    outcome: str = OK
    attributes: Mapping[str, str] = field(default_factory=dict)
    parent: int | None = None


class Recording:
    """The spans of one request; ``left_out`` beyond the first 64. Parts of it may go on in several threads."""

    def __init__(self, begun: float, now: Callable[[], float] = perf_counter) -> None:
        self._begun = begun
        self._now = now
        self._lock = threading.Lock()
        self._open: list[_Open] = []
        self.left_out = 0

    def begin(self, name: str, attributes: Mapping[str, str], parent: int | None) -> int | None:
        """The place of the new span; None when there are enough."""
        with self._lock:
            if len(self._open) >= MOST_SPANS:
                self.left_out += 1
                return None
            self._open.append(_Open(name, self._now(), dict(attributes), parent))
            return len(self._open) - 1

    def end(self, place: int, outcome: str) -> None:
        part = self._open[place]
        part.seconds, part.outcome = self._now() - part.begun, outcome

    def note(self, place: int, attributes: Mapping[str, str]) -> None:
        """Something learnt while the span lasts."""
        self._open[place].attributes.update(attributes)

    def spans(self) -> tuple[Span, ...]:
        """All so far, in the order in which they began; one that goes on has the time it took until now."""
        with self._lock:
            return tuple(self._closed(part) for part in self._open)

    def _closed(self, part: _Open) -> Span:
        seconds = self._now() - part.begun if part.seconds is None else part.seconds
        return Span(part.name, part.begun - self._begun, seconds, part.outcome, dict(part.attributes), part.parent)


@dataclass(slots=True)
class _Open:
    name: str
    begun: float
    attributes: dict[str, str]
    parent: int | None
    seconds: float | None = None
    outcome: str = UNFINISHED


_RECORDING: ContextVar[Recording | None] = ContextVar("astrolabe_recording", default=None)
_INSIDE: ContextVar[int | None] = ContextVar("astrolabe_inside_span", default=None)


@contextmanager
def recording(begun: float | None = None, now: Callable[[], float] = perf_counter) -> Iterator[Recording]:
    """Record what this request does from here on, in all threads that get its context. ``begun``: when it began, by ``now``."""
    made = Recording(now() if begun is None else begun, now)
    token, inside = _RECORDING.set(made), _INSIDE.set(None)
    try:
        yield made
    finally:
        _INSIDE.reset(inside)
        _RECORDING.reset(token)


@contextmanager
def span(name: str, /, **attributes: str) -> Iterator[None]:
    """A part of the request under way, if one is recorded. What it raises is its outcome, and raised on."""
    made = _RECORDING.get()
    place = made.begin(name, attributes, _INSIDE.get()) if made is not None else None
    if made is None or place is None:
        yield
        return
    token = _INSIDE.set(place)
    outcome = FAILED
    try:
        yield
        outcome = OK
    except Exception as error:
        outcome = str(getattr(error, "code", type(error).__name__))
        raise
    finally:
        _INSIDE.reset(token)
        made.end(place, outcome)


def event(name: str, /, **attributes: str) -> None:
    """Something that took no time of its own: a retry, a refusal, a fallback."""
    made = _RECORDING.get()
    if made is None:
        return
    place = made.begin(name, attributes, _INSIDE.get())
    if place is not None:
        made.end(place, OK)


def note(**attributes: str) -> None:
    """More about the innermost span under way."""
    made, place = _RECORDING.get(), _INSIDE.get()
    if made is not None and place is not None:
        made.note(place, attributes)


def is_recorded() -> bool:
    """Whether anybody will read what is said here."""
    return _RECORDING.get() is not None
