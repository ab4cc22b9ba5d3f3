"""Signing in, staying in and getting out, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.accounts.login_limits import LoginPolicy
from backend.accounts.operator import Operator, actor_of
from backend.actor import PERMISSIONS, ActorKind, Role
from backend.errors import InvalidRequest, LimitExceeded, NotFound, Unauthenticated
from backend.storage.database import Database
from tests.support.builders import ADDRESS, PASSWORD, REASON, CountingHasher, Installation, actor_with
from tests.support.clock import ManualClock
from tests.support.databases import Opener
from tests.support.refusals import refused_field
from tests.support.threads import at_once

MINUTE, HOUR = 60, 3600


@pytest.fixture
def ada(installation: Installation) -> Operator:
    return installation.admin("ada")


def sign_in(installation: Installation, name: str = "ada", password: str = PASSWORD) -> object:
    return installation.accounts.sign_in(name, password, ADDRESS, "Browser/1.0")


def test_a_session_is_found_by_its_token(installation: Installation, ada: Operator) -> None:
    signed_in = installation.signed_in(ada)
    session = installation.accounts.session_of(signed_in.token, active=False)
    assert session == signed_in.session
    assert session is not None and session.operator.last_login_at == installation.clock.now()
    assert (session.address, session.agent) == (ADDRESS, "Browser/1.0")


def test_the_name_may_be_typed_in_capitals(installation: Installation, ada: Operator) -> None:
    assert installation.accounts.sign_in(" ADA ", PASSWORD, ADDRESS, None).session.operator.id == ada.id


def test_the_store_keeps_no_token(installation: Installation, ada: Operator) -> None:
    token = installation.signed_in(ada).token
    with installation.database.reading() as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM operator_sessions").all())
    assert len(token) == 43


def test_each_sign_in_has_a_session_of_its_own(installation: Installation, ada: Operator) -> None:
    first, second = installation.signed_in(ada), installation.signed_in(ada)
    assert first.token != second.token and first.session.id != second.session.id


@pytest.mark.parametrize("token", ["", "x" * 43, "\x00", "\ud800", "a" * 10_000])
def test_a_strange_token_opens_nothing(installation: Installation, ada: Operator, token: str) -> None:
    assert installation.accounts.session_of(token, active=True) is None


def test_unknown_wrong_and_disabled_are_the_same_words_after_the_same_work(installation: Installation, ada: Operator) -> None:
    disabled = installation.operator(name="bea")
    installation.accounts.disable(installation.actor(ada), disabled.id, REASON)
    words, work = set(), set()
    for name, password in (
        ("nobody", PASSWORD),
        ("ada", "not the password"),
        ("bea", PASSWORD),
        ("no\x00body", PASSWORD),
        ("ada", "x" * 2000),
    ):
        before = (installation.hasher.verified, installation.hasher.hashed)
        with pytest.raises(Unauthenticated) as refusal:
            sign_in(installation, name, password)
        words.add(str(refusal.value))
        work.add((installation.hasher.verified - before[0], installation.hasher.hashed - before[1]))
    assert words == {"The name or the password is wrong."}
    assert work == {(1, 0)}


def test_a_failed_sign_in_is_recorded_without_what_was_typed(installation: Installation, ada: Operator) -> None:
    for name, password in (("my-secret-word", "x"), ("ada", "not the password")):
        with pytest.raises(Unauthenticated):
            sign_in(installation, name, password)
    known, unknown = installation.records(act="accounts.sign_in")
    assert (known.outcome, known.object_id, known.after) == ("refused", ada.id, {"why": "wrong password"})
    assert (unknown.outcome, unknown.object_id, unknown.after) == ("refused", "unknown", {"why": "unknown name"})
    assert "my-secret-word" not in str(unknown) and unknown.address == ADDRESS


def test_a_sign_in_is_recorded_with_its_session(installation: Installation, ada: Operator) -> None:
    session = installation.signed_in(ada).session
    record = installation.last("accounts.sign_in")
    assert (record.outcome, record.actor_id, record.actor_role, record.session_id) == ("done", ada.id, "admin", session.id)


def test_a_session_ends_after_half_an_hour_without_activity(installation: Installation, ada: Operator) -> None:
    token = installation.signed_in(ada).token
    installation.clock.advance(30 * MINUTE - 1)
    assert installation.accounts.session_of(token, active=False)
    installation.clock.advance(1)
    assert installation.accounts.session_of(token, active=True) is None
    assert installation.last("sessions.end").after == {"why": "idle", "operator": "ada"}


def test_a_timer_is_no_activity_and_a_person_is(installation: Installation, ada: Operator) -> None:
    watched, used = installation.signed_in(ada), installation.signed_in(ada)
    for _ in range(4):
        installation.clock.advance(10 * MINUTE)
        installation.accounts.session_of(watched.token, active=False)
        installation.accounts.session_of(used.token, active=True)
    assert installation.accounts.session_of(watched.token, active=False) is None
    assert installation.accounts.session_of(used.token, active=False)


def test_activity_is_written_down_at_most_once_a_minute(installation: Installation, ada: Operator) -> None:
    signed_in = installation.signed_in(ada)
    began = signed_in.session.last_active_at
    installation.clock.advance(59)
    assert installation.accounts.session_of(signed_in.token, active=True).last_active_at == began
    installation.clock.advance(1)
    moved = installation.accounts.session_of(signed_in.token, active=True)
    assert moved.last_active_at == installation.clock.now()
    assert installation.accounts.session_of(signed_in.token, active=False) == moved


def test_a_session_ends_after_twelve_hours_however_active(installation: Installation, ada: Operator) -> None:
    token = installation.signed_in(ada).token
    for _ in range(12 * 3 - 1):
        installation.clock.advance(20 * MINUTE)
        assert installation.accounts.session_of(token, active=True)
    installation.clock.advance(20 * MINUTE)
    assert installation.accounts.session_of(token, active=True) is None
    assert installation.last("sessions.end").after["why"] == "absolute"


def test_the_end_of_a_session_is_recorded_once(installation: Installation, ada: Operator) -> None:
    token = installation.signed_in(ada).token
    installation.clock.advance(HOUR)
    for _ in range(3):
        assert installation.accounts.session_of(token, active=False) is None
    assert len(installation.records(act="sessions.end")) == 1


def test_of_six_sessions_the_oldest_ends(installation: Installation, ada: Operator) -> None:
    tokens = []
    for _ in range(6):
        tokens.append(installation.signed_in(ada).token)
        installation.clock.advance(1)
    alive = [installation.accounts.session_of(token, active=False) is not None for token in tokens]
    assert alive == [False, True, True, True, True, True]
    assert installation.last("accounts.sign_in").after["displaced"] == 1


def test_parallel_sign_ins_leave_at_most_five_sessions(
    installation: Installation, ada: Operator, another: Opener, clock: ManualClock
) -> None:
    installations = [Installation(another(), clock) for _ in range(7)]
    outcomes = at_once(*(lambda one=one: one.signed_in(ada) for one in installations))
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(installation.accounts.own_sessions(installation.actor(ada))) == 5


def test_signing_out_ends_the_session_at_once(installation: Installation, ada: Operator) -> None:
    signed_in = installation.signed_in(ada)
    installation.accounts.sign_out(signed_in.token)
    installation.accounts.sign_out(signed_in.token)
    installation.accounts.sign_out("never heard of")
    assert installation.accounts.session_of(signed_in.token, active=True) is None
    (record,) = installation.records(act="accounts.sign_out")
    assert (record.actor_id, record.object_id) == (ada.id, signed_in.session.id)


def test_the_actor_of_a_session_has_the_permissions_of_the_role(installation: Installation) -> None:
    session = installation.signed_in(installation.operator(Role.SUPPORT)).session
    actor = actor_of(session, "request-1")
    assert (actor.kind, actor.role, actor.permissions) == (ActorKind.OPERATOR, Role.SUPPORT, PERMISSIONS[Role.SUPPORT])
    assert (actor.session_id, actor.request_id, actor.address) == (session.id, "request-1", ADDRESS)


def test_own_sessions_are_listed_and_ended_one_by_one(installation: Installation, ada: Operator) -> None:
    here, there = installation.signed_in(ada), installation.signed_in(ada)
    actor = actor_of(here.session)
    assert {session.id for session in installation.accounts.own_sessions(actor)} == {here.session.id, there.session.id}
    installation.accounts.end_own_session(actor, there.session.id)
    assert installation.accounts.session_of(there.token, active=True) is None
    assert [session.id for session in installation.accounts.own_sessions(actor)] == [here.session.id]
    assert installation.last("sessions.end").after["why"] == "ended_by_self"


def test_the_session_of_somebody_else_is_not_found(installation: Installation, ada: Operator) -> None:
    signed_in = installation.signed_in(ada)
    other = installation.actor(installation.operator())
    for session_id in (signed_in.session.id, "none", "\x00"):
        with pytest.raises(NotFound):
            installation.accounts.end_own_session(other, session_id)
    assert installation.accounts.session_of(signed_in.token, active=False)


def test_preferences_are_kept_and_recorded(installation: Installation, ada: Operator) -> None:
    signed_in = installation.signed_in(ada)
    installation.accounts.set_preferences(actor_of(signed_in.session), "Europe/Zurich", "compact")
    operator = installation.accounts.session_of(signed_in.token, active=False).operator
    assert (operator.zone, operator.density) == ("Europe/Zurich", "compact")
    assert installation.last("accounts.preferences").before == {"zone": "UTC", "density": "comfortable"}


@pytest.mark.parametrize(
    ("zone", "density", "field"), [("Mars/Base", "compact", "zone"), ("localtime", "compact", "zone"), ("UTC", "tiny", "density")]
)
def test_preferences_outside_the_lists_are_refused(installation: Installation, zone: str, density: str, field: str) -> None:
    assert refused_field(lambda: installation.accounts.set_preferences(actor_with(Role.VIEWER), zone, density)) == field


def test_preferences_of_somebody_who_is_no_operator_are_not_found(installation: Installation) -> None:
    with pytest.raises(NotFound):
        installation.accounts.set_preferences(actor_with(Role.VIEWER), "UTC", "compact")


def test_a_changed_password_opens_and_the_other_sessions_end(installation: Installation, ada: Operator) -> None:
    here, there = installation.signed_in(ada), installation.signed_in(ada)
    installation.accounts.change_password(actor_of(here.session), PASSWORD, "another nine violet kettles")
    assert installation.accounts.session_of(here.token, active=False)
    assert installation.accounts.session_of(there.token, active=False) is None
    with pytest.raises(Unauthenticated):
        sign_in(installation)
    assert sign_in(installation, "ada", "another nine violet kettles")
    assert installation.last("accounts.change_password").after == {"sessions_ended": 1}


def test_a_password_is_changed_only_by_who_knows_it(installation: Installation, ada: Operator) -> None:
    actor = installation.actor(ada)
    assert (
        refused_field(lambda: installation.accounts.change_password(actor, "not the password", "another nine violet kettles"))
        == "old_password"
    )
    assert refused_field(lambda: installation.accounts.change_password(actor, PASSWORD, "short")) == "new_password"
    assert installation.last("accounts.change_password").outcome == "refused"
    assert sign_in(installation)


def test_a_hash_of_other_parameters_is_renewed_at_sign_in(installation: Installation, ada: Operator, clock: ManualClock) -> None:
    stronger = Installation(installation.database, clock, hasher=CountingHasher(memory_kib=128))
    sign_in(stronger)
    sign_in(stronger)
    assert stronger.hasher.hashed == 1
    with installation.database.reading() as connection:
        assert "m=128,t=1,p=1" in connection.exec_driver_sql("SELECT password_hash FROM operators").scalar_one()


def test_five_wrong_passwords_shut_the_door_for_that_address_alone(database: Database, clock: ManualClock) -> None:
    installation = Installation(database, clock, policy=LoginPolicy())
    installation.admin("ada")
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            sign_in(installation, "ada", "not the password")
    hashed = installation.hasher.verified
    for _ in range(3):
        with pytest.raises(LimitExceeded) as refusal:
            sign_in(installation)
    assert refusal.value.retry_after_seconds == pytest.approx(60)
    assert installation.hasher.verified == hashed
    assert installation.accounts.sign_in("ada", PASSWORD, "198.51.100.1", None)
    assert [record.after["why"] for record in installation.records(act="accounts.sign_in", text="unknown")] == ["limited"]
    clock.advance(60)
    assert sign_in(installation)


def test_an_agent_with_control_characters_is_kept_without_them_and_short(installation: Installation, ada: Operator) -> None:
    session = installation.accounts.sign_in("ada", PASSWORD, "::1%eth0\x00", "Br\x00ow\nser" + "x" * 500).session
    assert session.agent is not None and session.agent.startswith("Browser") and len(session.agent) == 200
    assert session.address == "::1%eth0"


def test_a_password_too_short_is_never_stored(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    with pytest.raises(InvalidRequest):
        installation.accounts.redeem(code, "ada", "eleven char", ADDRESS)
    assert installation.accounts.needs_setup()


class TreacherousHasher(CountingHasher):
    """Lets something happen between the reading of a password's hash and the new session."""

    meanwhile: Callable[[], object]

    def verify(self, stored: str | None, password: str) -> bool:
        fits = super().verify(stored, password)
        self.meanwhile()
        return fits


def test_an_operator_disabled_while_signing_in_stays_out(installation: Installation, ada: Operator, clock: ManualClock) -> None:
    bea = installation.operator(name="bea")
    hasher = TreacherousHasher()
    hasher.meanwhile = lambda: installation.accounts.disable(actor_with(Role.ADMIN), bea.id, REASON)
    with pytest.raises(Unauthenticated):
        sign_in(Installation(installation.database, clock, hasher=hasher), "bea")
    assert installation.accounts.sessions_of(actor_with(Role.ADMIN), bea.id) == []


def test_a_password_changed_meanwhile_is_not_undone_by_renewal(installation: Installation, ada: Operator, clock: ManualClock) -> None:
    actor = installation.actor(ada)
    hasher = TreacherousHasher(memory_kib=128)
    hasher.meanwhile = lambda: installation.accounts.change_password(actor, PASSWORD, "another nine violet kettles")
    sign_in(Installation(installation.database, clock, hasher=hasher))
    assert sign_in(installation, "ada", "another nine violet kettles")
