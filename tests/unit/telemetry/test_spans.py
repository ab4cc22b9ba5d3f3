"""Spans of a request: what is recorded, what is not, and what it costs where nobody reads it."""

from __future__ import annotations

import contextvars
import threading

import pytest

from backend.errors import DependencyFailed
from backend.telemetry import spans


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_parts_are_kept_in_the_order_in_which_they_began_with_their_place_in_the_whole() -> None:
    with spans.recording(100.0, Seconds()) as made, spans.span("outer", kind="natal"), spans.span("inner"):
        spans.event("retry", after="timeout")
    outer, inner, retry = made.spans()
    assert (outer.name, outer.begins_seconds, outer.seconds, outer.parent) == ("outer", 1.0, 5.0, None)
    assert (inner.name, inner.begins_seconds, inner.seconds, inner.parent) == ("inner", 2.0, 3.0, 0)
    assert (retry.parent, retry.attributes, retry.outcome) == (1, {"after": "timeout"}, "ok")


def test_what_a_part_raises_is_its_outcome_and_goes_on() -> None:
    with spans.recording() as made:
        with pytest.raises(DependencyFailed), spans.span("call"):
            raise DependencyFailed("geocoder", "it did not answer", transient=True)
        with pytest.raises(KeyError), spans.span("lookup"):
            raise KeyError("Ada Lovelace")
    assert [each.outcome for each in made.spans()] == ["dependency_failed", "KeyError"]


def test_a_part_that_goes_on_after_the_answer_is_unfinished() -> None:
    with spans.recording(100.0, Seconds()) as made:
        place = made.begin("abandoned", {}, None)
        assert place is not None
        (left,) = made.spans()
    assert left.outcome == spans.UNFINISHED
    assert left.seconds == 1.0


def test_threads_that_get_the_context_record_into_the_same_request() -> None:
    def work() -> None:
        with spans.span("in a thread"):
            spans.note(rows="3")

    with spans.recording() as made, spans.span("outside"):
        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,))
        thread.start()
        thread.join()
    inside = made.spans()[1]
    assert (inside.name, inside.parent, inside.attributes) == ("in a thread", 0, {"rows": "3"})


def test_there_is_a_bound_and_what_lies_beyond_is_counted() -> None:
    with spans.recording() as made:
        for _ in range(spans.MOST_SPANS + 5):
            with spans.span("again"):
                spans.note(ignored="by the last ones")
    assert (len(made.spans()), made.left_out) == (spans.MOST_SPANS, 5)


def test_nothing_is_recorded_where_nobody_asked() -> None:
    with spans.span("alone"):
        spans.note(more="words")
        spans.event("and more")
        assert not spans.is_recorded()
