"""The port of log lines on everything that stands behind it: SQLite, PostgreSQL, and a Loki over HTTP."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from backend.actor import PERMISSIONS, Actor, ActorKind, Role
from backend.answer import Empty, Failed, Fresh, Stale
from backend.errors import Forbidden, InvalidRequest
from backend.integrations.http_client import HttpClient
from backend.monitoring.logs.kept import KeptLogs
from backend.monitoring.logs.loki import LokiLogs
from backend.monitoring.logs.record import LogLine, checked
from backend.monitoring.logs.service import LogService
from backend.monitoring.logs.source import LogSource
from backend.monitoring.logs.store import LogStore
from backend.monitoring.logs.words import meets
from backend.resilience.breaker import Breaker
from backend.resilience.dependency import Dependency
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.policy import Policy
from backend.storage.database import Database
from tests.support.clock import START, ManualClock
from tests.support.log_lines import criteria, line, many
from tests.support.loki import Loki, serving

Keep = Callable[..., None]
DEVELOPER = Actor(ActorKind.OPERATOR, "o", "Olga", PERMISSIONS[Role.DEVELOPER], Role.DEVELOPER)
VIEWER = Actor(ActorKind.OPERATOR, "v", "Vera", PERMISSIONS[Role.VIEWER], Role.VIEWER)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def loki() -> Iterator[Loki]:
    with serving() as served:
        yield served


@pytest.fixture
def loki_logs(loki: Loki, clock: ManualClock) -> Iterator[LokiLogs]:
    policy = DependencyPolicy(circuit=Policy(minimum_reporters=1), attempt_seconds=2.0, total_seconds=2.0)
    breaker = Breaker("loki", policy.circuit, clock, random.random)
    dependency = Dependency("loki", policy, breaker, clock, random.random)
    client = HttpClient(loki.url, dependency, clock)
    yield LokiLogs(client.get_json, '{app="astrolabe"}', clock)
    client.close()
    dependency.close()


@pytest.fixture(params=["sqlite", "postgresql", "loki"])
def source(request: pytest.FixtureRequest) -> tuple[LogSource, Keep]:
    """A source, and how lines come to be in it."""
    if request.param == "loki":
        loki: Loki = request.getfixturevalue("loki")

        def send(*lines: LogLine) -> None:
            for place, one in enumerate(lines):  # a nanosecond apart, as Loki keeps no order of its own
                loki.add((one.at - _1970) // timedelta(microseconds=1) * 1000 + place % 1000, one.document())

        return request.getfixturevalue("loki_logs"), send
    if request.param == "sqlite":
        database: Database = request.getfixturevalue("sqlite_database")
    else:
        server, pool = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_pool")
        name = pool.take()
        database = Database(server.url(name))
        request.addfinalizer(lambda: (database.close(), pool.give_back(name)))

    def keep(*lines: LogLine) -> None:
        with database.transaction() as connection:
            store = LogStore(connection)
            store.lock()
            store.append(lines)

    return KeptLogs(database), keep


LINES = [*many(120, START, timedelta(minutes=20)), line(30, "store_away", "critical", note="Ünïcode wörd", role="worker")]
ASKED = [
    criteria(),
    criteria(text="store away"),
    criteria(text="pla* -worker"),
    criteria(text="wörd"),
    criteria(text="404"),
    criteria(levels=("error", "critical")),
    criteria(role="worker", levels=("info",)),
    criteria(route="/v1/places"),
    criteria(instance="0190-00000003"),
    criteria(request_id=LINES[5].request_id or ""),
    criteria(text=LINES[6].trace_id or ""),
    criteria(text='"; DROP {} | json `x`'),
    criteria(start=START + timedelta(minutes=5), end=START + timedelta(minutes=8), text="computed"),
]


def test_the_same_is_found_and_counted_everywhere(source: tuple[LogSource, Keep]) -> None:
    logs, keep = source
    keep(*LINES)
    for asked in map(checked, ASKED):
        expected = [one for one in LINES if meets(one, asked)]
        found = logs.search(asked, 1000).lines
        assert [one.at for one in found] == sorted((one.at for one in expected), reverse=True), asked
        assert {one.request_id for one in found} == {one.request_id for one in expected}
        counts = logs.counts(asked, timedelta(minutes=1))
        assert (counts.total, counts.since) == (len(expected), None), asked
        levels = {level for bucket in counts.buckets for level in bucket.counts}
        assert levels == {one.level for one in expected}


def test_pages_follow_each_other(source: tuple[LogSource, Keep]) -> None:
    logs, keep = source
    keep(*LINES)
    first = logs.search(criteria(), 50)
    second = logs.search(criteria(), 50, first.lines[-1].id)
    third = logs.search(criteria(), 50, second.lines[-1].id)
    seen = [one.at for page in (first, second, third) for one in page.lines]
    assert seen == sorted((one.at for one in LINES), reverse=True)
    assert (first.more, second.more, third.more) == (True, True, False)


def test_a_line_is_found_again_among_its_neighbours(source: tuple[LogSource, Keep]) -> None:
    logs, keep = source
    keep(*LINES)
    chosen = logs.search(criteria(), 60).lines[40]
    around = logs.around(chosen.id, 2, 3, "")
    assert logs.line(chosen.id) == chosen
    assert [one.at for one in around] == sorted(one.at for one in LINES)[len(LINES) - 43 : len(LINES) - 37]
    assert around[2] == chosen
    assert {one.instance for one in logs.around(chosen.id, 5, 5, chosen.instance)} == {chosen.instance}
    assert logs.around("17-nothing", 2, 2, "") == () and logs.line("nothing") is None


def test_a_tail_goes_on_where_it_was(source: tuple[LogSource, Keep], clock: ManualClock) -> None:
    logs, keep = source
    keep(line(0))
    clock.advance(5)
    cursor = logs.tail(criteria(), None, 10).cursor
    keep(line(5, "new"), line(3, "late"))
    clock.advance(2)
    found = logs.tail(criteria(), cursor, 10)
    assert [one.event for one in found.lines] == ["late", "new"]
    clock.advance(2)
    assert logs.tail(criteria(), found.cursor, 10).lines == ()


def test_roles_are_those_that_said_something(source: tuple[LogSource, Keep]) -> None:
    logs, keep = source
    assert logs.roles(criteria()) == ()
    keep(*LINES)
    assert logs.roles(criteria()) == ("api", "console", "worker")


def test_a_service_says_how_fresh_it_is(source: tuple[LogSource, Keep], clock: ManualClock) -> None:
    logs, keep = source
    service = LogService(logs, clock)
    assert isinstance(service.search(DEVELOPER, criteria()), Empty)
    keep(line(1))
    assert isinstance(service.search(DEVELOPER, criteria()), Fresh)
    with pytest.raises(Forbidden):
        service.search(VIEWER, criteria())
    for wrong in (criteria(text="x" * 300), criteria(end=START - timedelta(days=1)), criteria(levels=("loud",)), criteria(role="r" * 200)):
        with pytest.raises(InvalidRequest):
            service.search(DEVELOPER, wrong)


@pytest.mark.parametrize(
    "answer", [(500, b"too many outstanding requests"), (200, b"<html>"), (200, b'{"data": {"resultType": "streams"}}'), (400, b"no")]
)
def test_a_loki_in_trouble_leaves_what_was_read_last(
    loki: Loki, loki_logs: LokiLogs, clock: ManualClock, answer: tuple[int, bytes]
) -> None:
    service = LogService(loki_logs, clock)
    loki.add((START - _1970) // timedelta(microseconds=1) * 1000, line(0).document())
    assert isinstance(service.search(DEVELOPER, criteria()), Fresh)
    loki.answer = lambda: answer
    clock.advance(30)
    stale = service.search(DEVELOPER, criteria())
    assert isinstance(stale, Stale) and stale.at == START and "loki" in stale.why
    failed = service.search(DEVELOPER, criteria(text="other"))
    assert isinstance(failed, Failed) and failed.last_good == START and failed.source == "loki"


def test_no_text_makes_a_query_that_loki_refuses(loki: Loki, loki_logs: LokiLogs) -> None:
    loki.add(1, line(0).document())
    for text in ["\0", "' OR 1=1", '"', "(((", "a|b", "\\", "`", "{}", "\ud800", "𞤀𞤁", "%s", "(?P<x", "[a", "*", "-", "a" * 200, "ß ﬃ"]:
        for asked in (criteria(text=text), criteria(route=text[:100]), criteria(instance=text[:100]), criteria(request_id=text[:100])):
            loki_logs.search(checked(asked), 10)
            loki_logs.counts(checked(asked), timedelta(hours=1))
