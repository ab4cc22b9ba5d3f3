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
