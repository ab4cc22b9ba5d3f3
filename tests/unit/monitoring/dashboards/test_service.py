"""Panels asked at once: each within its deadline, whatever becomes of the others, and once for all who look."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.clock import SystemClock
from backend.errors import Forbidden, NotFound
from backend.metering import PANELS_AT_A_TIME
from backend.monitoring.dashboards import service as module
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.dashboards.service import BoardService, PanelAnswer, Window
from tests.support.board_metrics import BoardMetrics
from tests.support.clock import START, ManualClock

VIEWER = Actor(ActorKind.OPERATOR, "v", "Vera", PERMISSIONS[Role.VIEWER], Role.VIEWER)
NOBODY = Actor(ActorKind.API_KEY, "k", "a key", frozenset())
BOARDS = shipped()
NAMES = [panel.id for panel in BOARDS["service"].panels]
AT_PROMETHEUS = PANELS_AT_A_TIME["prometheus"]
BUCKET = timedelta(seconds=BOARDS["service"].refresh_seconds)  # how long a question of a window that ends now stays the same


def hour(end: datetime, **more: object) -> Window:
    return Window(end - timedelta(hours=1), end, 15.0, **more)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def source(clock: ManualClock) -> BoardMetrics:
    return BoardMetrics(clock)


@pytest.fixture
def boards(source: BoardMetrics, clock: ManualClock) -> Iterator[BoardService]:
    made = BoardService(BOARDS, source, clock, 5.0)
    yield made
    made.close()


def answers(boards: BoardService, window: Window) -> dict[str, PanelAnswer]:
    running = boards.run(VIEWER, "service", window)
    return {name: running.panel(name) for name in NAMES}


def test_every_panel_is_answered(boards: BoardService) -> None:
    found = answers(boards, hour(START))
    assert all(isinstance(one.reading, Fresh) for answer in found.values() for one in answer.asked)
    assert [len(answer.asked) for answer in found.values()] == [len(panel.queries) for panel in BOARDS["service"].panels]


@pytest.mark.parametrize(("trouble", "kind"), [("failing", Failed), ("silent", Empty)])
def test_one_panel_in_trouble_leaves_the_others_alone(boards: BoardService, source: BoardMetrics, trouble: str, kind: type) -> None:
    setattr(source, trouble, 'degraded="true"')
    found = answers(boards, hour(START))
    assert isinstance(found.pop("degraded").asked[0].reading, kind)
    assert all(isinstance(one.reading, Fresh) for answer in found.values() for one in answer.asked)


def test_a_query_that_is_wrong_is_a_problem_of_its_panel(boards: BoardService, source: BoardMetrics) -> None:
    source.wrong = "circuit_state"
    found = answers(boards, hour(START))
    problem = found.pop("breakers").asked[0].problem
    assert problem is not None and problem.position == 3
    assert all(one.problem is None for answer in found.values() for one in answer.asked)


def test_a_source_that_is_away_gives_what_it_last_said(boards: BoardService, source: BoardMetrics) -> None:
    source.state = "stale"
    assert all(isinstance(one.reading, Stale) for answer in answers(boards, hour(START)).values() for one in answer.asked)


def test_a_panel_that_hangs_says_so_within_its_deadline_and_the_others_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """In real time: a question that takes as long as it likes, and a deadline of half a second."""
    monkeypatch.setattr(module, "PANEL_SECONDS", 0.5)
    going_on = threading.Event()
    source = BoardMetrics(SystemClock(), before=lambda query: going_on.wait(20) if 'degraded="true"' in query else None)
    boards = BoardService(BOARDS, source, SystemClock(), 5.0)
    try:
        begun = time.monotonic()
        found = answers(boards, hour(datetime.now(UTC)))
        took = time.monotonic() - begun
    finally:
        going_on.set()
        boards.close()
    reading = found.pop("degraded").asked[0].reading
    assert isinstance(reading, Failed) and "0.5 s" in reading.why
    assert all(isinstance(one.reading, Fresh) for answer in found.values() for one in answer.asked)
    assert took < 2


def test_when_all_hang_all_say_so_within_one_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PANEL_SECONDS", 0.3)
    going_on = threading.Event()
    source = BoardMetrics(SystemClock(), before=lambda _query: going_on.wait(20))
    boards = BoardService(BOARDS, source, SystemClock(), 5.0)
    try:
        begun = time.monotonic()
        found = answers(boards, hour(datetime.now(UTC)))
        took = time.monotonic() - begun
    finally:
        going_on.set()
        boards.close()
    assert all(isinstance(one.reading, Failed) for answer in found.values() for one in answer.asked)
    assert took < 1.5


def test_a_server_that_takes_many_is_asked_all_questions_of_a_dashboard_together(clock: ManualClock) -> None:
    questions = sum((1 + panel.previous) * len(panel.queries) for panel in BOARDS["service"].panels)
    all_there = threading.Barrier(questions, timeout=20)
    boards = BoardService(BOARDS, BoardMetrics(clock, before=lambda _query: all_there.wait()), clock, 5.0, at_a_time=AT_PROMETHEUS)
    found = answers(boards, hour(START, before_seconds=3600.0))
    boards.close()
    assert all(isinstance(one.reading, Fresh) for answer in found.values() for one in answer.asked)


def test_a_panel_is_waited_for_until_its_answers_are_there(clock: ManualClock) -> None:
    going_on = threading.Event()
    boards = BoardService(BOARDS, BoardMetrics(clock, before=lambda _query: going_on.wait(20)), clock, 5.0)
    running = boards.run(VIEWER, "service", hour(START))
    assert all(running.waits(name) for name in NAMES)
    going_on.set()
    for name in NAMES:
        running.panel(name)
    boards.close()
    assert not any(running.waits(name) for name in NAMES)


def test_everybody_who_looks_within_a_bucket_shares_the_answers(boards: BoardService, source: BoardMetrics, clock: ManualClock) -> None:
    answers(boards, hour(START))
    before = len(source.asked)
    clock.advance(20)
    answers(boards, hour(clock.now()))
    assert len(source.asked) == before


def test_a_failure_is_remembered_for_nobody(boards: BoardService, source: BoardMetrics) -> None:
    source.state = "failed"
    answers(boards, hour(START))
    source.state = "fresh"
    assert all(isinstance(one.reading, Fresh) for answer in answers(boards, hour(START)).values() for one in answer.asked)


def test_what_lies_ahead_is_not_asked_for(boards: BoardService) -> None:
    found = answers(boards, Window(START - timedelta(minutes=30), START + timedelta(hours=2), 15.0))
    one = found["requests"].asked[0]
    assert (one.start, one.end) == (START - timedelta(minutes=30), START)


def test_what_is_compared_lies_a_whole_number_of_steps_before(boards: BoardService) -> None:
    answer = answers(boards, hour(START, before_seconds=3601.0))["requests"]
    assert answer.asked[0].end - answer.previous[0].end == timedelta(seconds=3615)


def test_chosen_values_stand_in_the_queries_and_strange_ones_do_no_harm(boards: BoardService, source: BoardMetrics) -> None:
    answers(boards, hour(START, chosen={"route": ['/v1/a"} or vector(1) #', "a|b\\"], "other": ["x"]}))
    assert '=~"/v1/a\\"\\\\} or vector\\\\(1\\\\) #|a\\\\|b\\\\\\\\"' in source.asked[0]
    from backend.monitoring.promql.parsing import parse

    for query in source.asked:
        parse(query)


def test_only_named_panels_are_asked(boards: BoardService, source: BoardMetrics) -> None:
    boards.run(VIEWER, "service", hour(START), ("requests",)).panel("requests")
    assert len(source.asked) == 1


def test_nobody_without_the_permission_asks(boards: BoardService, source: BoardMetrics) -> None:
    for ask in (lambda: boards.boards(NOBODY), lambda: boards.run(NOBODY, "service", hour(START))):
        with pytest.raises(Forbidden):
            ask()
    with pytest.raises(NotFound):
        boards.run(VIEWER, "none", hour(START))
    assert not source.asked


def ends(boards: BoardService, window: Window) -> set[datetime]:
    """Where the questions end that the panels answer, without waiting for new ones."""
    running = boards.run(VIEWER, "service", window, at_once=True)
    return {one.end for name in NAMES for one in running.panel(name).asked}


@pytest.fixture
def held(source: BoardMetrics, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The source answers only what ends at or before START, until this is set."""
    go, answer = threading.Event(), source.range

    def after(query: str, start: datetime, end: datetime, step: float) -> object:
        assert end <= START or go.wait(10)
        return answer(query, start, end, step)

    monkeypatch.setattr(source, "range", after)
    return go


def test_who_does_not_wait_sees_the_bucket_before_until_the_new_one_is_there(
    boards: BoardService, clock: ManualClock, held: threading.Event
) -> None:
    assert ends(boards, hour(START)) == {START}  # nothing is known yet: it waits
    clock.advance(BUCKET.total_seconds())
    later = START + BUCKET
    assert ends(boards, hour(later)) == {START}
    held.set()
    answers(boards, hour(later))
    assert ends(boards, hour(later)) == {later}


def test_what_is_two_buckets_old_or_of_a_fixed_span_is_not_shown_for_new(
    boards: BoardService, clock: ManualClock, held: threading.Event
) -> None:
    answers(boards, hour(START))
    clock.advance(2 * BUCKET.total_seconds())
    held.set()
    later = START + 2 * BUCKET
    assert ends(boards, hour(later)) == {later}
    fixed = later - timedelta(seconds=15)
    assert ends(boards, hour(fixed)) == {fixed}
