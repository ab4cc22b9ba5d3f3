"""The first page's figures: added up over the fleet, honest about what is not known, and asked once for all who look."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.errors import Forbidden, StorageUnavailable
from backend.monitoring.dashboards.glance import PANELS, Glance, silence
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.records import Instance, Summary
from backend.telemetry.series import Series
from tests.support.clock import START, ManualClock
from tests.support.measured import Measured
from tests.support.processes import until

VIEWER = Actor(ActorKind.OPERATOR, "v", "Vera", PERMISSIONS[Role.VIEWER], Role.VIEWER)
NOBODY = Actor(ActorKind.API_KEY, "k", "a key", frozenset())
API = Instance("api-1", "api", 10, "host", "0.1.0", START)


def serve(series: Series, count: int, status: int = 200, *, degraded: bool = False) -> None:
    for _ in range(count):
        series.request_started()
        series.request_finished("/v1/charts", "POST", status, 0.02)
        series.chart_answered("natal", "files", degraded, "miss")


@dataclass
class Look:
    """The glance over two API processes of which one answers half its requests lesser."""

    measured: Measured
    instances: list[Instance] = field(default_factory=lambda: [API, API])
    sql_away: bool = False

    def __post_init__(self) -> None:
        self.glance = Glance(shipped()["service"], self.measured, self.listed, self.measured.clock, 5.0, patience_seconds=30)

    def listed(self) -> list[Instance]:
        if self.sql_away:
            raise StorageUnavailable("sql")
        return self.instances

    def fresh(self) -> Summary:
        reading = self.glance.summary(VIEWER)
        assert isinstance(reading, Fresh), reading
        return reading.value


@pytest.fixture
def look(tmp_path: Path) -> Iterator[Look]:
    found = Look(Measured(tmp_path, ManualClock()))
    yield found
    found.glance.close()


def busy(look: Look, scrapes: int = 14) -> None:
    one, other = look.measured.process("api", "127.0.0.1:1"), look.measured.process("api", "127.0.0.1:2")
    for _ in range(scrapes):
        serve(one, 45)
        serve(one, 5, 503)
        serve(other, 50, degraded=True)
        look.measured.scrape()


def test_the_summary_adds_up_the_fleet(look: Look) -> None:
    busy(look)
    found = look.fresh()
    assert found.api_processes == 2
    assert found.requests_per_second == pytest.approx(20.0)
    assert found.error_ratio == pytest.approx(0.05)
    assert found.degraded_ratio == pytest.approx(0.5)
    assert found.p95_seconds is not None and 0.01 < found.p95_seconds <= 0.025
    assert set(found.series) == set(PANELS)
    assert found.series["requests_per_second"][-1] == pytest.approx(20.0)
    assert found.series["requests_per_second"][0] is None


def test_nothing_known_is_not_zero(look: Look) -> None:
    assert isinstance(look.glance.summary(VIEWER), Empty)
    look.measured.process("api")
    for _ in range(3):
        look.measured.scrape()
    found = look.fresh()
    assert (found.error_ratio, found.p95_seconds, found.degraded_ratio) == (None, None, None)
    assert found.requests_per_second in {None, 0.0}
    assert set(found.series["error_ratio"]) == {None}


def test_figures_that_nobody_reads_any_more_are_stale_and_keep_their_time(look: Look) -> None:
    busy(look)
    last = look.measured.clock.now()
    look.measured.clock.advance(50)
    reading = look.glance.summary(VIEWER)
    assert isinstance(reading, Stale)
    assert reading.at == last
    assert "50 s" in reading.why


def test_a_source_that_fails_says_so(look: Look) -> None:
    look.measured.away = True
    reading = look.glance.summary(VIEWER)
    assert isinstance(reading, Failed)
    assert reading.source == "metrics"


def test_a_database_that_is_away_is_named(look: Look) -> None:
    busy(look, 3)
    look.sql_away = True
    reading = look.glance.summary(VIEWER)
    assert isinstance(reading, Failed)
    assert reading.source == "sql"


def test_many_who_look_within_five_seconds_ask_once(look: Look) -> None:
    busy(look, 3)
    before = look.measured.asked
    found = {id(look.glance.summary(VIEWER)) for _ in range(50)}
    assert len(found) == 1
    assert look.measured.asked - before == 1 + len(PANELS)
    look.measured.clock.advance(5.5)
    for _ in range(50):
        look.glance.summary(VIEWER)
    assert until(lambda: look.measured.asked - before == 2 * (1 + len(PANELS)), 10.0)


def test_who_looks_a_little_later_sees_what_is_known_and_who_comes_much_later_waits_for_what_is_new(look: Look) -> None:
    busy(look, 3)
    first = look.fresh()
    look.measured.clock.advance(6)
    assert look.fresh() is first
    look.measured.clock.advance(10)
    assert look.glance.summary(VIEWER).value is not first  # type: ignore[union-attr] # fresh or stale, it has a value


def test_who_looks_while_the_source_hangs_waits_a_moment_and_sees_what_was_known(look: Look) -> None:
    busy(look, 3)
    hanging, going_on = threading.Event(), threading.Event()
    glance = Glance(shipped()["service"], look.measured, look.listed, look.measured.clock, 5.0, patience_seconds=0.01)

    def hang() -> None:
        hanging.set()
        going_on.wait(10)

    look.measured.before = hang
    try:
        assert isinstance(glance.summary(VIEWER), Failed)
        assert hanging.is_set() or hanging.wait(10)
    finally:
        going_on.set()
        glance.close()


def test_all_figures_are_asked_together(look: Look) -> None:
    """A server that is slow to answer keeps the page waiting once, not once for each figure."""
    busy(look, 3)
    look.measured.before = threading.Barrier(1 + len(PANELS), timeout=20).wait
    look.fresh()


def test_nobody_without_the_permission_looks(look: Look) -> None:
    with pytest.raises(Forbidden):
        look.glance.summary(NOBODY)


def test_silence_is_the_time_since_a_process_was_last_read(look: Look) -> None:
    assert silence(look.measured, look.measured.clock) is None
    busy(look, 2)
    look.measured.clock.advance(70)
    found = silence(look.measured, look.measured.clock)
    assert found is not None and found.total_seconds() == pytest.approx(70)
