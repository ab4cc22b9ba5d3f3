"""What HTTP says about a call: which answers are failures, which pass, when to come back, and what may be asked twice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from backend.errors import DependencyFailed
from backend.resilience.outcome import Classifier, Outcome, outcome_of

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})  # RFC 9110 section 9.2.2
IDEMPOTENCY_KEY = "idempotency-key"
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_SAYS_WHEN = frozenset({429, 503})


class BadStatus(DependencyFailed):
    """The server answered, but not with what was asked for."""

    def __init__(self, dependency: str, status: int, *, transient: bool, retry_after_seconds: float | None = None) -> None:
        detail = f"{dependency} answered with status {status}"
        super().__init__(dependency, detail, transient=transient, retry_after_seconds=retry_after_seconds)
        self.status = status


def repeatable(method: str, headers: Mapping[str, str]) -> bool:
    """Whether the request may be sent twice without being done twice."""
    return method.upper() in IDEMPOTENT_METHODS or any(name.lower() == IDEMPOTENCY_KEY for name in headers)


def is_failure(status: int) -> bool:
    """Whether a retry may help, or the server is at fault: such an answer is an error to everything around the call."""
    return status in _PASSING or status >= 500


def bad_status(dependency: str, status: int, retry_after: str | None, now: datetime) -> BadStatus:
    """The error that such an answer is."""
    after = retry_after_seconds(retry_after, now) if status in _SAYS_WHEN else None
    return BadStatus(dependency, status, transient=status in _PASSING, retry_after_seconds=after)


def outcome_of_exchange(error: BaseException) -> Outcome:
    """A status below 500 shows a server that works: 'slow down' and 'not found' are answers."""
    return Outcome.OK if isinstance(error, BadStatus) and error.status < 500 else outcome_of(error)


HTTP = Classifier(outcome_of_exchange)


def retry_after_seconds(text: str | None, now: datetime) -> float | None:
    """Seconds from now, of either form in RFC 9110 section 10.2.3; None for the past and for nonsense."""
    if text is None:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return seconds if seconds > 0 else None
