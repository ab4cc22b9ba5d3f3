"""Stored cases, on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from backend.accounts.cases import CaseService
from backend.actor import Role
from backend.errors import NotFound
from tests.support.builders import Installation, actor_with
from tests.support.refusals import refused_field

OWNER = actor_with(Role.SUPPORT)
BODY = {"name": "Ada Lovelace", "date": "1815-12-10", "place": "Lôndon", "latitude": 51.5}
DAY = 24 * 3600


def test_a_case_opens_for_its_owner(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    assert installation.cases.open(OWNER, case_id) == BODY


def test_nobody_else_finds_it_not_even_an_admin(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    for other in (actor_with(Role.ADMIN), actor_with(Role.SUPPORT, "another")):
        with pytest.raises(NotFound):
            installation.cases.open(other, case_id)


@pytest.mark.parametrize("case_id", ["", "none", "\x00", "\ud800", "x" * 5000])
def test_a_case_that_is_not_there_is_not_found(installation: Installation, case_id: str) -> None:
    with pytest.raises(NotFound):
        installation.cases.open(OWNER, case_id)


def test_no_birth_data_stands_in_the_table_nor_in_the_log(installation: Installation) -> None:
    installation.cases.store(OWNER, BODY)
    with installation.database.reading() as connection:
        body = bytes(connection.execute(text("SELECT body FROM cases")).scalar_one())
    for value in (b"Ada", b"Lovelace", b"1815", "Lôndon".encode(), b"latitude"):
        assert value not in body
    record = installation.last("cases.store")
    assert (record.before, record.after, record.object_kind) == (None, None, "case")


def test_equal_bodies_are_sealed_differently(installation: Installation) -> None:
    for _ in range(2):
        installation.cases.store(OWNER, BODY)
    with installation.database.reading() as connection:
        first, second = connection.execute(text("SELECT body FROM cases")).scalars()
    assert bytes(first) != bytes(second)


def test_a_body_put_under_another_id_does_not_open(installation: Installation) -> None:
    first, second = installation.cases.store(OWNER, BODY), installation.cases.store(OWNER, {"other": 1})
    with installation.database.transaction() as connection:
        swap = text("UPDATE cases SET body = (SELECT body FROM cases WHERE id = :first) WHERE id = :second")
        connection.execute(swap, {"first": first, "second": second})
    with pytest.raises(NotFound, match="another secret"):
        installation.cases.open(OWNER, second)


def test_another_secret_does_not_open_it(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    with pytest.raises(NotFound, match="another secret"):
        CaseService(installation.database, "another secret of the tests", installation.clock, installation.audit).open(OWNER, case_id)


def test_a_case_is_gone_after_thirty_days_and_purged(installation: Installation) -> None:
    old = installation.cases.store(OWNER, BODY)
    installation.clock.advance(DAY)
    young = installation.cases.store(OWNER, BODY)
    installation.clock.advance(29 * DAY)
    with pytest.raises(NotFound):
        installation.cases.open(OWNER, old)
    assert installation.cases.purge() == 1
    assert installation.cases.purge() == 0
    assert installation.cases.open(OWNER, young) == BODY


def test_a_body_too_large_is_refused(installation: Installation) -> None:
    assert refused_field(lambda: installation.cases.store(OWNER, {"name": "x" * 70_000})) == "body"


def test_a_shared_case_opens_the_same_request_for_the_team_and_that_is_recorded(installation: Installation) -> None:
    owner = installation.actor(installation.operator(Role.SUPPORT, "bea"))
    case_id = installation.cases.store(owner, BODY, technique="solar-arc", title="1996-04-10, Mexico")
    installation.cases.share(owner, case_id, "  Mexico\n1996 ")
    for role in (Role.DEVELOPER, Role.ADMIN):
        opened = installation.cases.opened(actor_with(role), case_id)
        assert (opened.body, opened.case.technique, opened.case.title, opened.case.owner_name) == (BODY, "solar-arc", "Mexico 1996", "bea")
        assert installation.records(act="cases.open", actor=actor_with(role).id)[0].after == {"owner": "bea"}
    with pytest.raises(NotFound):
        installation.cases.open(actor_with(Role.SUPPORT, "another"), case_id)
    installation.cases.open(owner, case_id)
    assert not installation.records(act="cases.open", actor=owner.id)


def test_what_is_taken_back_opens_for_its_owner_alone(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    installation.cases.share(OWNER, case_id, "Mexico 1996")
    installation.cases.unshare(OWNER, case_id)
    with pytest.raises(NotFound):
        installation.cases.open(actor_with(Role.ADMIN), case_id)
    assert installation.cases.shared(actor_with(Role.ADMIN)) == []
    assert [one.is_shared for one in installation.cases.own(OWNER)] == [False]


def test_lists_show_titles_and_nothing_of_what_is_in_a_case(installation: Installation) -> None:
    first = installation.cases.store(OWNER, BODY, title="first")
    installation.clock.advance(1)
    second = installation.cases.store(OWNER, BODY)
    installation.cases.share(OWNER, first, "first")
    assert [(one.id, one.title, one.technique) for one in installation.cases.own(OWNER)] == [
        (second, "", "natal"),
        (first, "first", "natal"),
    ]
    assert [one.id for one in installation.cases.shared(actor_with(Role.DEVELOPER))] == [first]
    assert installation.cases.own(actor_with(Role.SUPPORT, "another")) == []


def test_only_the_owner_renames_shares_and_deletes(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    installation.cases.share(OWNER, case_id, "Mexico 1996")
    other = actor_with(Role.ADMIN)
    for act in (
        lambda: installation.cases.rename(other, case_id, "mine"),
        lambda: installation.cases.share(other, case_id, "Mexico 1996"),
        lambda: installation.cases.unshare(other, case_id),
        lambda: installation.cases.delete(other, case_id),
    ):
        with pytest.raises(NotFound):
            act()
    installation.cases.rename(OWNER, case_id, "Mexico")
    assert installation.cases.own(OWNER)[0].title == "Mexico"
    installation.cases.delete(OWNER, case_id)
    with pytest.raises(NotFound):
        installation.cases.open(OWNER, case_id)
    assert [record.act for record in reversed(installation.records(actor=OWNER.id))] == [
        "cases.store", "cases.share", "cases.rename", "cases.delete",
    ]  # fmt: skip


def test_a_title_is_sealed_like_the_body(installation: Installation) -> None:
    installation.cases.store(OWNER, BODY, title="Ada")
    with installation.database.reading() as connection:
        assert b"Ada" not in bytes(connection.execute(text("SELECT title FROM cases")).scalar_one())


def test_a_shared_case_is_kept_for_a_year_and_thirty_days_more_when_taken_back(installation: Installation) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    installation.cases.share(OWNER, case_id, "Mexico 1996")
    installation.clock.advance(364 * DAY)
    assert installation.cases.purge() == 0
    installation.cases.unshare(OWNER, case_id)
    installation.clock.advance(29 * DAY)
    assert installation.cases.open(OWNER, case_id) == BODY
    installation.clock.advance(2 * DAY)
    assert installation.cases.purge() == 1


@pytest.mark.parametrize("title", ["", " ", "x" * 81, "a\x00b"])
def test_a_title_that_is_none_is_refused(installation: Installation, title: str) -> None:
    case_id = installation.cases.store(OWNER, BODY)
    assert refused_field(lambda: installation.cases.rename(OWNER, case_id, title)) == "title"


@pytest.mark.parametrize("technique", ["", "x" * 33, "../charts", "näh"])
def test_a_technique_of_no_name_is_refused(installation: Installation, technique: str) -> None:
    assert refused_field(lambda: installation.cases.store(OWNER, BODY, technique=technique)) == "technique"
