"""Keys for programs, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.accounts.keys import SCOPES, KeyService, console_token
from backend.actor import ActorKind, Permission, Role
from backend.errors import Conflict, NotFound, StorageUnavailable
from backend.storage.database import Database
from tests.support.builders import REASON, SECRET, Installation, actor_with
from tests.support.clock import START, ManualClock
from tests.support.databases import Opener
from tests.support.refusals import refused_field

ADMIN = actor_with(Role.ADMIN)


def test_a_key_opens_with_the_permissions_of_its_scopes(installation: Installation) -> None:
    created = installation.keys.create(ADMIN, " Partner  site ", ["charts"], REASON)
    actor = installation.keys.authenticate(created.text)
    assert actor is not None
    assert (actor.kind, actor.id, actor.name) == (ActorKind.API_KEY, created.key.id, "Partner site")
    assert actor.permissions == {Permission.COMPUTE_CHARTS, Permission.SEARCH_PLACES}


def test_the_text_of_a_key_names_its_prefix_and_is_not_kept(installation: Installation) -> None:
    created = installation.keys.create(ADMIN, "k", ["operations"], REASON)
    kind, prefix, secret = created.text.split("_", 2)
    assert (kind, prefix, len(secret)) == ("ak", created.key.prefix, 43)
    with installation.database.reading() as connection:
        assert secret not in str(connection.exec_driver_sql("SELECT * FROM api_keys").all())
    assert secret not in str(installation.records())


def test_keys_are_listed_the_newest_first_with_revoked_ones(installation: Installation) -> None:
    first = installation.keys.create(ADMIN, "first", ["charts"], REASON).key
    installation.clock.advance(1)
    second = installation.keys.create(ADMIN, "second", ["charts", "operations"], REASON).key
    installation.keys.revoke(ADMIN, first.id, REASON)
    listed = installation.keys.keys(ADMIN)
    assert [key.name for key in listed] == ["second", "first"]
    assert listed[0] == second
    assert listed[1].revoked_at == installation.clock.now()


def test_a_revoked_key_is_dead_at_once_here_and_within_five_seconds_elsewhere(installation: Installation, another: Opener) -> None:
    created = installation.keys.create(ADMIN, "k", ["charts"], REASON)
    elsewhere = Installation(another(), installation.clock).keys
    assert installation.keys.authenticate(created.text) and elsewhere.authenticate(created.text)
    installation.keys.revoke(ADMIN, created.key.id, REASON)
    assert installation.keys.authenticate(created.text) is None
    installation.clock.advance(5)
    assert elsewhere.authenticate(created.text) is None
    record = installation.last("keys.revoke")
    assert (record.object_id, record.after) == (created.key.id, {"revoked": True, "prefix": created.key.prefix})


def test_a_known_key_opens_for_five_minutes_while_the_database_is_away(sqlite_database: Database, clock: ManualClock) -> None:
    installation = Installation(sqlite_database, clock)
    created, other = (installation.keys.create(ADMIN, name, ["charts"], REASON) for name in ("used", "unused"))
    assert installation.keys.authenticate(created.text)
    installation.keys._database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    clock.advance(299)
    assert installation.keys.authenticate(created.text)
    with pytest.raises(StorageUnavailable):
        installation.keys.authenticate(other.text)
    clock.advance(1)
    with pytest.raises(StorageUnavailable):
        installation.keys.authenticate(created.text)


def test_a_key_ends_at_its_time_even_when_remembered(installation: Installation) -> None:
    created = installation.keys.create(ADMIN, "k", ["charts"], REASON, START + timedelta(seconds=3))
    assert installation.keys.authenticate(created.text)
    installation.clock.advance(3)
    assert installation.keys.authenticate(created.text) is None


@pytest.mark.parametrize("text", ["", "ak_", "ak_12345678_" + "x" * 43, "ak_\x00", "ak_\ud800", "Bearer x", "ä", "ak_" + "x" * 10_000])
def test_another_text_opens_nothing(installation: Installation, text: str) -> None:
    assert installation.keys.authenticate(text) is None


def test_a_revoked_or_unknown_key_is_not_revoked_again(installation: Installation) -> None:
    key = installation.keys.create(ADMIN, "k", ["charts"], REASON).key
    installation.keys.revoke(ADMIN, key.id, REASON)
    with pytest.raises(Conflict):
        installation.keys.revoke(ADMIN, key.id, REASON)
    with pytest.raises(NotFound):
        installation.keys.revoke(ADMIN, "\x00", REASON)


def test_a_bad_key_is_refused_by_field(installation: Installation) -> None:
    create = installation.keys.create
    assert refused_field(lambda: create(ADMIN, " ", ["charts"], REASON)) == "name"
    assert refused_field(lambda: create(ADMIN, "x" * 65, ["charts"], REASON)) == "name"
    assert refused_field(lambda: create(ADMIN, "k", [], REASON)) == "scopes"
    assert refused_field(lambda: create(ADMIN, "k", ["charts", "everything"], REASON)) == "scopes"
    assert refused_field(lambda: create(ADMIN, "k", ["charts"], REASON, START)) == "expires_at"
    assert refused_field(lambda: create(ADMIN, "k", ["charts"], REASON, START.replace(tzinfo=None))) == "expires_at"


def test_the_console_has_a_key_of_the_installations_secret(sqlite_database: Database, clock: ManualClock) -> None:
    keys: KeyService = Installation(sqlite_database, clock).keys
    actor = keys.authenticate(console_token(SECRET))
    assert actor is not None and (actor.kind, actor.id, actor.name) == (ActorKind.SYSTEM, "system:console", "console")
    assert actor.permissions == SCOPES["charts"] | SCOPES["operations"]
    assert keys.authenticate(console_token(SECRET + "x")) is None
    assert SECRET not in console_token(SECRET)


def test_what_is_remembered_is_bounded(sqlite_database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.accounts.key_memory.MOST_KEYS", 2)
    keys = Installation(sqlite_database, clock).keys
    for number in range(5):
        assert keys.authenticate(keys.create(ADMIN, f"k{number}", ["charts"], REASON).text)
    assert len(keys._memory._known) <= 2
