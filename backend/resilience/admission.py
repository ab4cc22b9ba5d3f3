"""What a breaker answers to somebody who would call: leave, with the epochs it was given under, or a refusal."""

from __future__ import annotations

from typing import NamedTuple

from backend.errors import CallRefused
from backend.resilience.fleet_view import Permit
from backend.resilience.shared_state import DISPLAY_ONLY_EPOCH

_NO_EPOCH = -1


class Admission(NamedTuple):
    """Under which epochs a call was let in; ``lease`` of a probe of this process's own, ``permit`` of one for the fleet."""

    local_epoch: int
    fleet_epoch: int
    lease: float | None = None
    permit: Permit | None = None

    def is_of(self, local_epoch: int, fleet_epoch: int) -> bool:
        return self.local_epoch == local_epoch and self.fleet_epoch == fleet_epoch


FOR_DISPLAY = Admission(_NO_EPOCH, DISPLAY_ONLY_EPOCH)  # counts for nothing, in neither tier


def refusal(kind: type[CallRefused], name: str, detail: str, left: float | None) -> CallRefused:
    """Made past ``__init__``, which would do no more and takes as long as all the rest of a refusal."""
    error = kind.__new__(kind, detail)
    error.dependency, error.retry_after_seconds = name, left
    return error
