"""How long the present piece of work may still take; known to everything it calls, without being passed along."""

from __future__ import annotations

from contextvars import ContextVar, Token

from backend.clock import Clock
from backend.errors import DeadlineExceeded, DependencyFailed

HEADER = "x-request-deadline-ms"
_LONGEST_HEADER = 9  # digits: eleven days; more is no deadline

_ENDS: ContextVar[float | None] = ContextVar("deadline_ends", default=None)


class TimedOut(DependencyFailed):
    """The dependency was asked and did not answer in the time it was given."""


class within:
    """Everything inside is to end in ``seconds``, or sooner where a deadline outside says so."""

    __slots__ = ("_ends", "_token")

    def __init__(self, seconds: float, clock: Clock) -> None:
        ends, outer = clock.monotonic() + seconds, _ENDS.get()
        self._ends = ends if outer is None or ends < outer else outer

    def __enter__(self) -> None:
        self._token: Token[float | None] = _ENDS.set(self._ends)

    def __exit__(self, *_: object) -> None:
        _ENDS.reset(self._token)


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


def to_header(seconds: float) -> str:
    """What to send on to whom we ask, so that they too know when an answer comes too late."""
    return str(max(1, int(seconds * 1000)))


def from_header(text: str | None) -> float | None:
    """The seconds that a caller gave us; None where they gave none, or nothing that can be read. 0 means: too late already."""
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > _LONGEST_HEADER:
        return None
    return int(digits) / 1000
