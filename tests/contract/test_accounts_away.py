"""The database away or refusing changes: who is signed in goes on looking, and nobody is let in who should not be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.accounts.lifetime import IDLE, NOTICED_EVERY
from backend.accounts.session_memory import KEPT_SECONDS
from backend.actor import Role
from backend.errors import ServiceError, StorageUnavailable
from backend.storage.database import Database
from tests.support.builders import ADDRESS, PASSWORD, REASON, Installation, actor_with
from tests.support.clock import ManualClock

ADMIN = actor_with(Role.ADMIN)


@pytest.fixture
def installation(sqlite_database: Database, clock: ManualClock) -> Installation:
    return Installation(sqlite_database, clock)


def take_away(installation: Installation) -> None:
    installation.accounts._database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    installation.audit._database = installation.accounts._database


def refuse_changes(installation: Installation) -> None:
    def refusing(*_: object) -> None:
        raise StorageUnavailable("sql", "the database takes no changes at present")

    installation.database.transaction = refusing  # type: ignore[method-assign, assignment]


def test_a_session_seen_alive_goes_on_for_five_minutes(installation: Installation) -> None:
    token = installation.signed_in(installation.admin()).token
    seen = installation.accounts.session_of(token, active=True)
    take_away(installation)
    installation.clock.advance(KEPT_SECONDS - 1)
    assert installation.accounts.session_of(token, active=True) == seen
    installation.clock.advance(1)
    with pytest.raises(StorageUnavailable):
        installation.accounts.session_of(token, active=True)


def test_a_session_not_seen_lately_cannot_be_known(installation: Installation) -> None:
    token = installation.signed_in(installation.admin()).token
    take_away(installation)
    with pytest.raises(StorageUnavailable):
        installation.accounts.session_of(token, active=False)


def test_a_session_ends_at_its_time_though_nobody_can_be_asked(installation: Installation) -> None:
    token = installation.signed_in(installation.admin()).token
    installation.clock.advance(IDLE.total_seconds() - 10)
    assert installation.accounts.session_of(token, active=False)
    take_away(installation)
    installation.clock.advance(10)
    with pytest.raises(StorageUnavailable):
        installation.accounts.session_of(token, active=False)


@pytest.mark.parametrize(
    "act",
    [
        lambda accounts, operator: accounts.end_sessions(ADMIN, operator.id, REASON),
        lambda accounts, operator: accounts.disable(ADMIN, operator.id, REASON),
        lambda accounts, operator: accounts.change_role(ADMIN, operator.id, Role.SUPPORT, REASON),
    ],
)
def test_what_was_changed_here_is_not_remembered_otherwise(installation: Installation, act: Callable[..., object]) -> None:
    installation.admin()
    operator = installation.operator(Role.VIEWER)
    token = installation.signed_in(operator).token
    assert installation.accounts.session_of(token, active=False)
    act(installation.accounts, operator)
    take_away(installation)
    with pytest.raises(StorageUnavailable):
        installation.accounts.session_of(token, active=False)


def test_a_database_that_refuses_changes_keeps_no_session_out(installation: Installation) -> None:
    token = installation.signed_in(installation.admin()).token
    refuse_changes(installation)
    installation.clock.advance((NOTICED_EVERY + timedelta(seconds=1)).total_seconds())
    assert installation.accounts.session_of(token, active=True)
    installation.clock.advance(IDLE.total_seconds())
    assert installation.accounts.session_of(token, active=True) is None


def test_nobody_signs_in_without_a_database(installation: Installation) -> None:
    name = installation.admin().name
    take_away(installation)
    with pytest.raises(ServiceError) as raised:
        installation.accounts.sign_in(name, PASSWORD, ADDRESS, None)
    assert isinstance(raised.value, StorageUnavailable)
