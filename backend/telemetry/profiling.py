"""A profile of a few requests, by pyinstrument: where their threads were; kept of those that turn out slow. The only door to it.

A profile names functions and lines of code, never values. Which requests are profiled is drawn before it is known how long they take.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from backend.telemetry.definitions import Reading, Row
from backend.telemetry.process_metrics import PROFILES

P = ParamSpec("P")
T = TypeVar("T")
INTERVAL_SECONDS = 0.005
LONGEST_TEXT = 20_000
CUT = "\n(the rest is left out)"
_CHOSEN: ContextVar[Profile | None] = ContextVar("astrolabe_profile", default=None)


class Profile:
    """What the threads of one request did, each written out as soon as it was slow."""

    def __init__(self, slow_seconds: float, interval_seconds: float = INTERVAL_SECONDS) -> None:
        self.slow_seconds = slow_seconds
        self.interval_seconds = interval_seconds
        self._lock = threading.Lock()
        self._texts: list[str] = []

    def add(self, text: str) -> None:
        with self._lock:
            self._texts.append(text)

    def text(self) -> str | None:
        """None when nothing in it was slow."""
        with self._lock:
            whole = "\n".join(self._texts)
        if not whole:
            return None
        return whole if len(whole) <= LONGEST_TEXT else whole[: LONGEST_TEXT - len(CUT)] + CUT


class Profiling:
    """Chooses ``share`` (0 to 1) of the requests, one at a time; keeps what took longer than ``slow_seconds``."""

    def __init__(self, share: float, slow_seconds: float, random: Callable[[], float], interval_seconds: float = INTERVAL_SECONDS) -> None:
        self._share = share
        self._slow_seconds = slow_seconds
        self._interval_seconds = interval_seconds
        self._random = random
        self._under_way = False  # in the loop's thread alone
        self._kept = self._fast = 0
        if share > 0:
            import pyinstrument  # noqa: F401 - not in the first request that is chosen

    @contextmanager
    def chosen(self) -> Iterator[Profile | None]:
        """A profile for this request, if it is one of the few."""
        if self._under_way or self._random() >= self._share:
            yield None
            return
        profile = Profile(self._slow_seconds, self._interval_seconds)
        self._under_way, token = True, _CHOSEN.set(profile)
        try:
            yield profile
        finally:
            _CHOSEN.reset(token)
            self._under_way = False
            kept = profile.text() is not None
            self._kept, self._fast = self._kept + kept, self._fast + (not kept)

    def readings(self) -> list[Reading]:
        return [Reading(PROFILES, (Row(("kept",), self._kept), Row(("fast",), self._fast)))]


def watched(call: Callable[P, T]) -> Callable[P, T]:
    """``call``, profiled in whichever thread it runs, if the request under way was chosen; else itself."""
    profile = _CHOSEN.get()
    return call if profile is None else functools.wraps(call)(functools.partial(_profiled, profile, call))


def _profiled(profile: Profile, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    from pyinstrument import Profiler

    profiler = Profiler(interval=profile.interval_seconds, async_mode="disabled")
    profiler.start()
    try:
        return call(*args, **kwargs)
    finally:
        session = profiler.stop()
        if session.duration >= profile.slow_seconds and session.sample_count:
            profile.add(_tree(profiler.output_text(unicode=True, color=False, short_mode=True)))


def _tree(text: str) -> str:
    """The tree alone, without the frame and the heading that the library draws around it."""
    return "\n".join([line[3:].rstrip() for line in text.splitlines() if line.startswith(".  ")][1:]).strip("\n")
