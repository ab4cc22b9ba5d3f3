"""What a finished call says about the dependency."""

from __future__ import annotations

from enum import StrEnum

from backend.errors import CallRefused, DeadlineExceeded, InvalidRequest


class Outcome(StrEnum):
    OK = "ok"
    BAD = "bad"
    IGNORED = "ignored"  # says nothing about the dependency


def outcome_of(error: BaseException) -> Outcome:
    """A caller's short deadline, a refusal or a cancellation is no fault of the dependency; a complaint about our input is an answer."""
    if isinstance(error, (CallRefused, DeadlineExceeded)) or not isinstance(error, Exception):
        return Outcome.IGNORED
    return Outcome.OK if isinstance(error, InvalidRequest) else Outcome.BAD
