"""What a breaker answers to somebody who would call: leave, with the epochs it was given under, or a refusal."""

from __future__ import annotations

from itertools import count
from typing import NamedTuple

from backend.errors import CallRefused
from backend.resilience.fleet_view import Permit
from backend.resilience.shared_state import DISPLAY_ONLY_EPOCH

_NO_EPOCH = -1
_FOREVER = float("inf")
_new = CallRefused.__new__


class Admission(NamedTuple):
    """Under which epochs a call was let in; ``lease`` of a probe of this process's own, ``permit`` of one for the fleet."""

    local_epoch: int
    fleet_epoch: int
    lease: float | None = None
    permit: Permit | None = None

    def is_of(self, local_epoch: int, fleet_epoch: int) -> bool:
        return self.local_epoch == local_epoch and self.fleet_epoch == fleet_epoch


FOR_DISPLAY = Admission(_NO_EPOCH, DISPLAY_ONLY_EPOCH)  # counts for nothing, in neither tier


class Refused:
    """How many calls were refused, counted without a lock: a step of ``itertools.count`` is one act in C."""

    __slots__ = ("_known", "_readings", "steps")

    def __init__(self) -> None:
        self.steps = count()
        self._readings = 0
        self._known = 0

    def read(self) -> int:
        """With the breaker's lock held: reading is a step too, and is taken off again."""
        refused = next(self.steps) - self._readings
        self._readings += 1
        return refused

    def grew(self) -> bool:
        """Whether there were more since this was last asked."""
        known, self._known = self._known, self.read()
        return self._known > known


class Shut:
    """Why every call is refused before ``until``; infinite: until somebody says otherwise.

    ``refused`` counts the calls refused with this code.
    """

    __slots__ = ("_detail", "_kind", "_name", "refused", "until")

    def __init__(self, kind: type[CallRefused], name: str, detail: str, until: float, refused: Refused) -> None:
        self.until = until
        self.refused = refused
        self._kind = kind
        self._name = name
        self._detail = detail

    def refusal(self, now: float) -> CallRefused:
        """Made past ``__init__``, which would do no more and takes as long as all the rest of a refusal."""
        until = self.until
        error = _new(self._kind, self._detail)
        error.dependency = self._name
        error.retry_after_seconds = None if until == _FOREVER else until - now
        return error
