"""What HTTP's words mean for a call."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from backend.errors import CircuitOpen, DependencyFailed
from backend.resilience.http_semantics import BadStatus, bad_status, is_failure, outcome_of_exchange, repeatable, retry_after_seconds
from backend.resilience.outcome import Outcome
from tests.support.clock import START


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "get"])
def test_idempotent_methods_may_be_sent_twice(method: str) -> None:
    assert repeatable(method, {})


@pytest.mark.parametrize("method", ["POST", "PATCH", "CONNECT", "BREW", ""])
def test_others_only_with_a_key_by_which_the_server_knows_them_again(method: str) -> None:
    assert not repeatable(method, {"authorization": "x"})
    assert repeatable(method, {"Idempotency-Key": "1"})


@pytest.mark.parametrize(
    ("status", "failure", "transient", "outcome"),
    [
        (200, False, False, Outcome.OK),
        (302, False, False, Outcome.OK),
        (404, False, False, Outcome.OK),
        (408, True, True, Outcome.OK),
        (429, True, True, Outcome.OK),
        (500, True, True, Outcome.BAD),
        (501, True, False, Outcome.BAD),
        (503, True, True, Outcome.BAD),
        (504, True, True, Outcome.BAD),
        (599, True, False, Outcome.BAD),
    ],
)
def test_a_status_is_told_apart(status: int, failure: bool, transient: bool, outcome: Outcome) -> None:
    error = bad_status("geocoder", status, None, START)
    assert (is_failure(status), error.transient, outcome_of_exchange(error)) == (failure, transient, outcome)


def test_other_errors_are_judged_as_everywhere() -> None:
    assert outcome_of_exchange(DependencyFailed("geocoder", "broke off", transient=True)) is Outcome.BAD
    assert outcome_of_exchange(CircuitOpen("geocoder")) is Outcome.IGNORED


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        (format_datetime(START + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(START + timedelta(seconds=1), usegmt=True), 1.0),
        (format_datetime(START, usegmt=True), None),
        (format_datetime(START - timedelta(seconds=1), usegmt=True), None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("", None),
        ("Thu, 01 Jan 2026 12:01:00", None),  # without a zone it says nothing
    ],
)
def test_when_to_come_back_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(text, START) == seconds


def test_only_busy_servers_say_when_to_come_back() -> None:
    assert bad_status("geocoder", 503, "7", START).retry_after_seconds == 7.0
    assert bad_status("geocoder", 429, "7", START).retry_after_seconds == 7.0
    assert bad_status("geocoder", 500, "7", START).retry_after_seconds is None
    assert bad_status("geocoder", 503, format_datetime(START + timedelta(seconds=9), usegmt=True), START).retry_after_seconds == 9.0


def test_a_bad_status_says_whose_it_is() -> None:
    error = bad_status("geocoder", 500, None, START)
    assert isinstance(error, BadStatus)
    assert (error.dependency, error.status, error.detail) == ("geocoder", 500, "geocoder answered with status 500")
