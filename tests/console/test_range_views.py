"""Spans of time: read from an address or from what a person types, whatever stands there; and written back the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.times import SPACE, watch
from components.views import ranges
from components.views.ranges import TimeRange

NOW = datetime(2026, 11, 24, 14, 21, 7, tzinfo=UTC)
BERLIN = watch("Europe/Berlin", NOW)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive


@given(INSTANTS, INSTANTS)
def test_a_fixed_span_survives_its_address(one: datetime, other: datetime) -> None:
    span = ranges.between(one, other)
    assert span.start < span.end
    assert ranges.SHORTEST <= span.end - span.start <= ranges.LONGEST
    again = ranges.asked(span.params(), NOW)
    assert again is not None
    assert abs(again.start - span.start) < timedelta(milliseconds=1)
    assert abs(again.end - span.end) < timedelta(milliseconds=1)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=8))
def test_whatever_stands_in_an_address_is_a_span_or_nothing(begins: str, ends: str, length: str) -> None:
    found = ranges.asked({"from": begins, "to": ends, "range": length}, NOW)
    assert found is None or ranges.SHORTEST <= found.end - found.start <= ranges.LONGEST


@pytest.mark.parametrize("length", ["", "h", "0h", "-1h", "1y", "99999w", "1h30m", "1 h", "5s"])
def test_a_length_that_is_none_or_out_of_bounds_is_not_read(length: str) -> None:
    assert ranges.relative(length, NOW) is None


def test_a_relative_span_ends_now() -> None:
    found = ranges.asked({"range": "90m"}, NOW)
    assert found == TimeRange(NOW - timedelta(minutes=90), NOW, "90m")
    assert found.params() == {"range": "90m"}
    assert found.fixed() == {"from": "2026-11-24T12:51:07Z", "to": "2026-11-24T14:21:07Z"}


def test_a_fixed_span_wins_over_a_relative_one_and_without_an_end_ends_now() -> None:
    found = ranges.asked({"range": "1h", "from": "1795000000000"}, NOW)
    assert found is not None
    assert (found.start, found.end, found.relative) == (datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC), NOW, None)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("now", NOW), ("-2h", NOW - timedelta(hours=2)), ("14:02", NOW.replace(hour=13, minute=2, second=0)),
        ("9:02:03", NOW.replace(hour=8, minute=2, second=3)), ("2026-11-23 14:02", datetime(2026, 11, 23, 13, 2, tzinfo=UTC)),
        ("2026-11-23T14:02:00Z", datetime(2026, 11, 23, 14, 2, tzinfo=UTC)), ("25:00", None), ("yesterday", None), ("", None), ("-2", None),
    ],
)  # fmt: skip
def test_what_a_person_types_is_read_in_their_zone(text: str, instant: datetime | None) -> None:
    assert ranges.typed(text, BERLIN) == instant


def test_what_is_offered_to_type_reads_back() -> None:
    assert ranges.typed(ranges.typing(NOW, BERLIN), BERLIN) == NOW


@pytest.mark.parametrize(
    ("span", "words"), [("15m", "Last 15 min"), ("1h", "Last hour"), ("24h", "Last 24 h"), ("1d", "Last day"), ("7d", "Last 7 d")]
)
def test_spans_have_words(span: str, words: str) -> None:
    assert ranges.relative_words(span).replace(SPACE, " ") == words


def test_steps_are_usual_and_give_few_points() -> None:
    for choice in (*ranges.CHOICES, "90d"):
        span = ranges.relative(choice, NOW)
        assert span is not None
        assert span.seconds / span.step_seconds(240) <= 240


def test_wider_and_moved_keep_the_middle_and_the_length() -> None:
    span = ranges.between(NOW - timedelta(hours=1), NOW)
    assert ranges.wider(span) == ranges.between(NOW - timedelta(minutes=90), NOW + timedelta(minutes=30))
    assert ranges.moved(span, -0.5) == ranges.between(NOW - timedelta(minutes=90), NOW - timedelta(minutes=30))
