"""Who is let in when more is asked than can be done: a short line, and a quick 'come back' to whoever finds it full.

What counts is the line before the computing threads, not what is under way: a request that waits for a geocoder costs nobody anything.
"""

from __future__ import annotations

import asyncio
import threading

from starlette.types import Scope

from backend.telemetry.api_metrics import WAITING
from backend.telemetry.definitions import one
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
LINE = 48  # less than `most_waiting` of the threads behind it, which would refuse at ten times the cost
TOLD_SECONDS = 1.0
_PLACE = "astrolabe.place_in_line"


class PlaceInLine:
    """Held from the head of a request to the beginning of its work; leaving twice is leaving once."""

    def __init__(self, line: Admission) -> None:
        self._line: Admission | None = line

    def leave(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.left()


class Admission:
    """The line of one process."""

    def __init__(self, series: Series, longest: int = LINE) -> None:
        self._series = series
        self._longest = longest
        self._waiting = 0
        self._lock = threading.Lock()  # work begins in other threads than the loop's
        self._refused = 0
        series.read(lambda: [one(WAITING, self._waiting)])

    @property
    def is_full(self) -> bool:
        return self._waiting >= self._longest

    def enter(self, scope: Scope) -> None:
        """Stand in line; whoever serves the request sees to it that its place is left."""
        with self._lock:
            self._waiting += 1
        scope[_PLACE] = PlaceInLine(self)

    def left(self) -> None:
        with self._lock:
            self._waiting -= 1

    def refused(self, route: str, method: str) -> None:
        """Counted at once; the log has one line a second, as a line for each would cost more than the answer."""
        self._series.request_shed(route, method)
        if not self._refused:
            asyncio.get_running_loop().call_later(TOLD_SECONDS, self._tell)
        self._refused += 1

    def _tell(self) -> None:
        refused, self._refused = self._refused, 0
        LOG.warning("requests_shed", count=refused, seconds=TOLD_SECONDS, waiting=self._waiting)


def leave_line(scope: Scope) -> None:
    """The work for this request begins, or there will be none."""
    place: PlaceInLine | None = scope.get(_PLACE)
    if place is not None:  # not every server has a line
        place.leave()
