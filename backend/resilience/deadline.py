"""How long the present piece of work may still take; known to everything it calls, without being passed along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from backend.clock import Clock
from backend.errors import DeadlineExceeded, DependencyFailed

HEADER = "x-request-deadline-ms"

_ENDS: ContextVar[float | None] = ContextVar("deadline_ends", default=None)


class TimedOut(DependencyFailed):
    """The dependency was asked and did not answer in the time it was given."""


@contextmanager
def within(seconds: float, clock: Clock) -> Iterator[None]:
    """Everything inside is to end in ``seconds``, or sooner where a deadline outside says so."""
    ends, outer = clock.monotonic() + seconds, _ENDS.get()
    token = _ENDS.set(ends if outer is None else min(ends, outer))
    try:
        yield
    finally:
        _ENDS.reset(token)


def remaining(clock: Clock) -> float | None:
    """Seconds left, perhaps negative; None: there is no deadline."""
    ends = _ENDS.get()
    return None if ends is None else ends - clock.monotonic()


def attempt_seconds(own: float, clock: Clock) -> float:
    """The time one attempt may take: its own limit or what is left; DeadlineExceeded when nothing is."""
    left = remaining(clock)
    if left is None:
        return own
    if left <= 0:
        raise DeadlineExceeded("no time was left for the call")
    return min(own, left)
