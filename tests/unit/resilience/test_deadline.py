"""The time that is left: never more inside than outside, and told to whom we ask."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import DeadlineExceeded
from backend.resilience import deadline
from tests.support.clock import ManualClock


def test_an_inner_deadline_never_lengthens_an_outer_one(clock: ManualClock) -> None:
    assert deadline.remaining(clock) is None
    with deadline.within(2.0, clock), deadline.within(10.0, clock):
        assert deadline.remaining(clock) == 2.0
        clock.advance(3)
        assert deadline.remaining(clock) == -1.0
        with pytest.raises(DeadlineExceeded):
            deadline.attempt_seconds(1.0, clock)
    assert deadline.attempt_seconds(1.0, clock) == 1.0


def test_an_attempt_may_take_its_own_time_or_what_is_left(clock: ManualClock) -> None:
    with deadline.within(0.5, clock):
        assert deadline.attempt_seconds(1.0, clock) == 0.5
        assert deadline.attempt_seconds(0.3, clock) == 0.3
        clock.advance(0.5)
        with pytest.raises(DeadlineExceeded, match=r"^no time was left for the call$"):
            deadline.attempt_seconds(1.0, clock)


def test_what_is_sent_on_is_in_milliseconds() -> None:
    assert [deadline.to_header(seconds) for seconds in (1.5, 0.25, 0.0001, -1.0)] == ["1500", "250", "1", "1"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 10)), min_size=1, max_size=8))
def test_down_the_stack_there_is_never_more_time(stack: list[tuple[float, float]]) -> None:
    clock = ManualClock()

    def descend(rest: list[tuple[float, float]], above: float | None) -> None:
        if not rest:
            return
        seconds, passes = rest[0]
        with deadline.within(seconds, clock):
            left = deadline.remaining(clock)
            assert left is not None and left <= seconds + 1e-9
            assert above is None or left <= above + 1e-9
            clock.advance(passes)
            descend(rest[1:], deadline.remaining(clock))
        now = deadline.remaining(clock)
        assert (now is None) == (above is None)

    descend(stack, None)
    assert deadline.remaining(clock) is None


@pytest.mark.parametrize(("text", "seconds"), [("1500", 1.5), (" 20 ", 0.02), ("0", 0.0), ("999999999", 999_999.999)])
def test_a_callers_deadline_is_read(text: str, seconds: float) -> None:
    assert deadline.from_header(text) == seconds


@pytest.mark.parametrize("text", [None, "", "soon", "-1", "1.5", "1e3", "²", "1" * 10, "١٢"])
def test_what_is_no_deadline_is_none(text: str | None) -> None:
    assert deadline.from_header(text) is None


@settings(deadline=None)
@given(st.floats(0.001, 900_000))
def test_what_is_sent_on_is_never_more_than_is_left(seconds: float) -> None:
    told = deadline.from_header(deadline.to_header(seconds))
    assert told is not None and 0 < told <= max(seconds, 0.001)
