"""What a finished call says about the dependency."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

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


def always_ok(_result: Any) -> Outcome:
    """Whatever is returned is a good answer."""
    return Outcome.OK


class Classifier(NamedTuple):
    """How errors and results are judged. A cancellation says nothing about the dependency, whatever ``of_error`` makes of it."""

    of_error: Callable[[BaseException], Outcome] = outcome_of
    of_result: Callable[[Any], Outcome] = always_ok


USUAL = Classifier()
