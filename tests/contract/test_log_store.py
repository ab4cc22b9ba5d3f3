"""The log store in SQL, on both databases: what is kept is found, by whatever is asked, in the order of time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.monitoring.logs.record import LEVELS, Criteria, LogLine, checked
from backend.monitoring.logs.store import LogStore
from backend.monitoring.logs.words import meets
from backend.storage.database import Database
from tests.support.clock import START
from tests.support.log_lines import criteria, line, many

TEXTS = ["chart", "charts*", "-request", "store away", "transits -404", "ch* 200", "0001", "no-such", 'OR "', "NEAR(a b)", "é", "a:*b", "*"]


def keep(database: Database, *lines: LogLine) -> None:
    with database.transaction() as connection:
        store = LogStore(connection)
        store.lock()
        store.append(lines)


def search(database: Database, asked: Criteria, limit: int = 1000) -> list[LogLine]:
    with database.reading() as connection:
        return list(LogStore(connection).search(checked(asked), limit).lines)


def test_what_was_kept_is_found_as_it_was(database: Database) -> None:
    written = line(1, "chart_computed", "warning", request_id="r-1", trace_id="0" * 32, route="/v1/charts", actor_id="key:1", status=200)
    keep(database, written)
    (found,) = search(database, criteria())
    assert (found.at, found.document()) == (written.at, written.document())


def test_every_store_finds_what_the_rule_says(database: Database) -> None:
    lines = [
        *many(400, START, timedelta(hours=1)),
        line(5, "a_b", "debug", note="Ünïcode wörd"),
        line(6, "x", "critical", deep={"a": ["one two"]}),
    ]
    keep(database, *lines)
    sample = lines[37]
    asked = [criteria(text=text) for text in [*TEXTS, "wörd", "two", sample.request_id or "", (sample.trace_id or "").upper()]]
    asked += [criteria(levels=("error", "warning")), criteria(role="worker"), criteria(route="/v1/places", text="request")]
    asked += [
        criteria(instance="0190-00000003"),
        criteria(instance="00000003", levels=("info",)),
        criteria(text="-chart", levels=("info",)),
    ]
    asked += [criteria(request_id=sample.request_id), criteria(trace_id=sample.trace_id, role="nobody")]
    asked += [criteria(start=START + timedelta(minutes=10), end=START + timedelta(minutes=20), text="chart")]
    for one in asked:
        expected = sorted((x.at for x in lines if meets(x, checked(one))), reverse=True)
        assert [x.at for x in search(database, one)] == expected, one


def test_pages_follow_each_other_without_gap_or_repetition(database: Database) -> None:
    keep(database, *many(250, START, timedelta(seconds=1)))
    seen: list[str] = []
    before: int | None = None
    while True:
        with database.reading() as connection:
            page = LogStore(connection).search(criteria(text="-nothing"), 60, before)
        seen += [one.id for one in page.lines]
        if not page.more:
            break
        before = int(page.lines[-1].id)
    assert len(seen) == len(set(seen)) == 250
    assert seen == sorted(seen, key=int, reverse=True)


def test_lines_of_one_microsecond_are_all_kept(database: Database) -> None:
    keep(database, *(line(1, number=number) for number in range(700)))
    keep(database, *(line(1, number=number) for number in range(700, 1100)))
    assert {one.fields["number"] for one in search(database, criteria(), 2000)} == set(range(1100))


def test_counts_are_those_of_the_lines(database: Database) -> None:
    lines = list(many(500, START, timedelta(hours=2)))
    keep(database, *lines[:200])
    keep(database, *lines[200:])
    for asked, width in (
        (criteria(), timedelta(minutes=10)),
        (criteria(levels=("error",), role="api"), timedelta(minutes=1)),
        (criteria(text="chart"), timedelta(minutes=10)),
        (criteria(), timedelta(seconds=7)),
        (criteria(text=lines[3].request_id), timedelta(minutes=5)),
    ):
        with database.reading() as connection:
            counts = LogStore(connection).counts(checked(asked), width)
        expected: dict[tuple[float, str], int] = {}
        for one in lines:
            if meets(one, checked(asked)):
                place = (one.at.timestamp() // width.total_seconds() * width.total_seconds(), one.level)
                expected[place] = expected.get(place, 0) + 1
        assert {(bucket.at.timestamp(), level): n for bucket in counts.buckets for level, n in bucket.counts.items()} == expected
        assert counts.since is None


def test_counts_that_stop_say_where(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.monitoring.logs.store.MOST_COUNTED", 100)
    lines = list(many(300, START, timedelta(hours=1)))
    keep(database, *lines)
    with database.reading() as connection:
        counts = LogStore(connection).counts(criteria(text="-nothing"), timedelta(minutes=10))
    assert counts.total == 101
    assert counts.since == lines[-101].at


def test_around_a_line_are_its_neighbours_of_the_same_process(database: Database) -> None:
    keep(database, *(line(n, instance="0190-aaaaaaaa" if n % 2 else "0190-bbbbbbbb") for n in range(20)))
    middle = search(database, criteria())[9]  # second 10, process b
    with database.reading() as connection:
        store = LogStore(connection)
        of_one = store.around(int(middle.id), 2, 3, middle.instance)
        of_all = store.around(int(middle.id), 2, 3, "")
        assert store.around(1, 2, 3, "") == ()
    assert [(one.at - START).total_seconds() for one in of_one] == [6, 8, 10, 12, 14, 16]
    assert [(one.at - START).total_seconds() for one in of_all] == [8, 9, 10, 11, 12, 13]


def test_a_tail_misses_no_line_that_arrives_late(database: Database) -> None:
    keep(database, line(100))

    def tail(cursor: str | None, **more: object) -> tuple[list[float], str, bool]:
        with database.reading() as connection:
            found = LogStore(connection).tail(criteria(**more), None if cursor is None else int(cursor), 10)
        return [(one.at - START).total_seconds() for one in found.lines], found.cursor, found.skipped

    nothing, cursor, _ = tail(None)
    keep(database, line(101), line(50, "late"))
    first, after, _ = tail(cursor)
    keep(database, line(102, level="error"))
    assert (nothing, first, tail(after)[0], tail(tail(after)[1])[0]) == ([], [50, 101], [102], [])
    assert tail(cursor, levels=("error",))[0] == [102]
    keep(database, *(line(200 + n) for n in range(12)))
    assert tail(after)[0] == [202 + n for n in range(10)] and tail(after)[2]


def test_the_oldest_lines_go_by_age_and_by_number(database: Database) -> None:
    keep(database, *(line(60 * n) for n in range(100)))

    def forget(before: float, most: int) -> int:
        with database.transaction() as connection:
            return LogStore(connection).forget(START + timedelta(minutes=before), most, 1000)

    assert forget(20, 1000) == 20
    assert forget(0, 30) == 50
    assert forget(0, 30) == 0
    found = search(database, criteria(text="request"))
    assert len(found) == len(search(database, criteria())) == 30 and min(one.at for one in found) == START + timedelta(minutes=70)
    with database.reading() as connection:
        assert LogStore(connection).counts(criteria(), timedelta(minutes=1)).total == 30


def test_the_roles_are_those_that_told_something(database: Database) -> None:
    keep(database, line(0, role="worker"), line(1), line(7200, role="console"))
    with database.reading() as connection:
        assert LogStore(connection).roles(criteria(end=START + timedelta(hours=1))) == ("api", "worker")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60) | st.text('"*-()^:+{}[]\\\0 ANDORNOTNEAR', max_size=60), levels=st.sets(st.sampled_from(LEVELS)))
def test_no_text_is_an_error_of_the_database(sqlite_database: Database, text: str, levels: set[str]) -> None:
    asked = criteria(text=text, levels=tuple(levels))
    search(sqlite_database, asked)
    with sqlite_database.reading() as connection:
        LogStore(connection).counts(checked(asked), timedelta(seconds=9))


def test_hostile_texts_are_plain_words_on_both(database: Database) -> None:
    keep(database, line(1, "request", note="near or not"))
    for text in ["\0", "' OR 1=1 --", '"', "a" * 200, "(((((", "x AND", "NOT", "{a b} : c", "\ud800", "𞤀𞤁", "%s :asked", "\\", "'':*", "ﬃ"]:
        search(database, criteria(text=text, role=text[:100], route=text[:100]))
    assert len(search(database, criteria(text="NEAR(or, not)"))) == 1
