"""Processes tell each other of keys through the shared store: for the time that SQL is away, and for nobody who forges a note."""

from __future__ import annotations

import pytest

from backend.accounts.codes import fingerprint
from backend.accounts.keys import KeyService
from backend.actor import Role
from backend.audit.service import AuditService
from backend.errors import StorageUnavailable
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import REASON, SECRET, actor_with
from tests.support.clock import ManualClock
from tests.support.valkey import shared, valkey_server

__all__ = ["shared", "valkey_server"]
ADMIN = actor_with(Role.ADMIN)
AWAY = "postgresql+psycopg://nobody@127.0.0.1:1/none"


def process(database: Database, clock: ManualClock, shared: SharedState, secret: str = SECRET) -> KeyService:
    return KeyService(database, AuditService(database, clock), clock, secret, shared)


@pytest.fixture
def here(sqlite_database: Database, clock: ManualClock, shared: SharedState) -> KeyService:
    return process(sqlite_database, clock, shared)


@pytest.fixture
def elsewhere(clock: ManualClock, shared: SharedState) -> KeyService:
    """A process that starts while SQL is away."""
    return process(Database(AWAY), clock, shared)


def test_a_key_seen_by_one_process_is_known_to_all_for_five_minutes(here: KeyService, elsewhere: KeyService, clock: ManualClock) -> None:
    used, unused = (here.create(ADMIN, name, ["charts"], REASON) for name in ("used", "unused"))
    actor = here.authenticate(used.text)
    clock.advance(290)
    assert elsewhere.authenticate(used.text) == actor
    with pytest.raises(StorageUnavailable):
        elsewhere.authenticate(unused.text)
    clock.advance(10)
    with pytest.raises(StorageUnavailable):
        elsewhere.authenticate(used.text)


def test_a_note_under_another_name_or_secret_opens_nothing(
    here: KeyService, elsewhere: KeyService, clock: ManualClock, shared: SharedState
) -> None:
    used, unused = (here.create(ADMIN, name, ["charts"], REASON) for name in ("used", "unused"))
    here.authenticate(used.text)
    [name] = shared.client.keys("ak:*")  # type: ignore[misc]
    note = shared.get(name)
    assert note is not None and used.text not in note
    shared.put(f"ak:{fingerprint(unused.text)}", note, 300)
    with pytest.raises(StorageUnavailable):
        elsewhere.authenticate(unused.text)
    with pytest.raises(StorageUnavailable):
        process(Database(AWAY), clock, shared, SECRET + "x").authenticate(used.text)


def test_with_the_shared_store_away_too_nothing_is_known_and_nobody_waits(here: KeyService, clock: ManualClock) -> None:
    created = here.create(ADMIN, "k", ["charts"], REASON)
    assert here.authenticate(created.text)
    lonely = process(Database(AWAY), clock, SharedState("redis://127.0.0.1:1/0"))
    with pytest.raises(StorageUnavailable):
        lonely.authenticate(created.text)
    assert lonely._notes is not None and lonely._notes.read("x") is None
