"""What an admin does with operators, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.accounts.operator import Operator, actor_of
from backend.actor import PERMISSIONS, Actor, Permission, Role
from backend.errors import Conflict, Forbidden, NotFound, ServiceError, Unauthenticated
from backend.storage.database import Database
from tests.support.builders import ADDRESS, PASSWORD, REASON, Installation, actor_with
from tests.support.clock import ManualClock
from tests.support.databases import Opener
from tests.support.refusals import refused_field
from tests.support.threads import at_once

ADMIN = actor_with(Role.ADMIN)


@pytest.fixture
def bea(installation: Installation) -> Operator:
    return installation.operator(Role.DEVELOPER, "bea")


def test_operators_are_listed_by_name(installation: Installation, bea: Operator) -> None:
    installation.operator(name="ada")
    assert [operator.name for operator in installation.accounts.operators(actor_with(Role.AUDITOR))] == ["ada", "bea"]


def test_a_changed_role_holds_at_the_next_look_at_the_session(installation: Installation, bea: Operator) -> None:
    token = installation.signed_in(bea).token
    installation.accounts.change_role(ADMIN, bea.id, Role.SUPPORT, REASON)
    session = installation.accounts.session_of(token, active=False)
    assert session is not None and actor_of(session).permissions == PERMISSIONS[Role.SUPPORT]
    record = installation.last("operators.change_role")
    assert (record.before, record.after, record.reason) == ({"role": "developer"}, {"role": "support"}, REASON)
    assert (record.object_kind, record.object_id, record.actor_name) == ("operator", bea.id, "admin")


def test_a_disabled_operator_is_out_at_once_and_stays_out(installation: Installation, bea: Operator) -> None:
    token = installation.signed_in(bea).token
    installation.accounts.disable(ADMIN, bea.id, REASON)
    assert installation.accounts.session_of(token, active=True) is None
    with pytest.raises(Unauthenticated):
        installation.signed_in(bea)
    assert installation.last("operators.disable").after == {"enabled": False, "sessions_ended": 1}


def test_an_enabled_operator_signs_in_again_but_old_sessions_stay_ended(installation: Installation, bea: Operator) -> None:
    token = installation.signed_in(bea).token
    installation.accounts.disable(ADMIN, bea.id, REASON)
    installation.accounts.enable(ADMIN, bea.id, REASON)
    assert installation.accounts.session_of(token, active=True) is None
    assert installation.signed_in(bea).session.operator.role is Role.DEVELOPER


def test_ending_sessions_says_how_many(installation: Installation, bea: Operator) -> None:
    tokens = [installation.signed_in(bea).token for _ in range(3)]
    assert len(installation.accounts.sessions_of(ADMIN, bea.id)) == 3
    assert installation.accounts.end_sessions(ADMIN, bea.id, REASON) == 3
    assert [installation.accounts.session_of(token, active=False) for token in tokens] == [None] * 3
    assert installation.accounts.sessions_of(ADMIN, bea.id) == []


def test_what_is_so_already_is_a_conflict(installation: Installation, bea: Operator) -> None:
    accounts = installation.accounts
    for act in (
        lambda: accounts.change_role(ADMIN, bea.id, Role.DEVELOPER, REASON),
        lambda: accounts.enable(ADMIN, bea.id, REASON),
    ):
        with pytest.raises(Conflict):
            act()
    accounts.disable(ADMIN, bea.id, REASON)
    with pytest.raises(Conflict):
        accounts.disable(ADMIN, bea.id, REASON)


def test_the_last_enabled_admin_can_be_neither_disabled_nor_demoted(installation: Installation) -> None:
    ada, zoe = installation.admin("ada"), installation.operator(Role.ADMIN, "zoe")
    installation.accounts.disable(ADMIN, zoe.id, REASON)
    with pytest.raises(Conflict, match="last enabled admin"):
        installation.accounts.disable(ADMIN, ada.id, REASON)
    with pytest.raises(Conflict, match="last enabled admin"):
        installation.accounts.change_role(ADMIN, ada.id, Role.VIEWER, REASON)
    installation.accounts.enable(ADMIN, zoe.id, REASON)
    installation.accounts.change_role(ADMIN, ada.id, Role.VIEWER, REASON)


def test_two_admins_who_remove_each_other_at_once_leave_one(installation: Installation, another: Opener, clock: ManualClock) -> None:
    ada, zoe = installation.admin("ada"), installation.operator(Role.ADMIN, "zoe")
    for _ in range(5):
        first, second = (Installation(another(), clock).accounts for _ in range(2))
        outcomes = at_once(
            lambda first=first: first.disable(ADMIN, ada.id, REASON),
            lambda second=second: second.change_role(ADMIN, zoe.id, Role.VIEWER, REASON),
        )
        assert [type(outcome) for outcome in outcomes if outcome is not None] == [Conflict]
        operators = installation.accounts.operators(ADMIN)
        assert len([one for one in operators if one.is_enabled and one.role is Role.ADMIN]) == 1
        for one in operators:
            if not one.is_enabled:
                installation.accounts.enable(ADMIN, one.id, REASON)
            if one.role is not Role.ADMIN:
                installation.accounts.change_role(ADMIN, one.id, Role.ADMIN, REASON)


@pytest.mark.parametrize("operator_id", ["nobody", "", "\x00", "x" * 5000, "\ud800"])
def test_an_operator_who_is_not_there_is_not_found(installation: Installation, operator_id: str) -> None:
    accounts = installation.accounts
    for act in (accounts.disable, accounts.enable, accounts.end_sessions):
        with pytest.raises(NotFound):
            act(ADMIN, operator_id, REASON)
    assert accounts.sessions_of(ADMIN, operator_id) == []


def test_every_act_wants_a_reason(installation: Installation, bea: Operator) -> None:
    accounts = installation.accounts
    acts: list[Callable[[], object]] = [
        lambda: accounts.invite(ADMIN, "cleo", Role.VIEWER, "short"),
        lambda: accounts.change_role(ADMIN, bea.id, Role.VIEWER, "         "),
        lambda: accounts.disable(ADMIN, bea.id, "x" * 501),
        lambda: accounts.enable(ADMIN, bea.id, ""),
        lambda: accounts.end_sessions(ADMIN, bea.id, "no reason"),
        lambda: accounts.withdraw_invitation(ADMIN, "x", "no reason"),
        lambda: installation.keys.create(ADMIN, "k", ["charts"], "no reason"),
        lambda: installation.keys.revoke(ADMIN, "x", "no reason"),
    ]
    assert {refused_field(act) for act in acts} == {"reason"}


def test_a_role_outside_the_five_is_refused(installation: Installation, bea: Operator) -> None:
    assert refused_field(lambda: installation.accounts.invite(ADMIN, "cleo", "owner", REASON)) == "role"  # type: ignore[arg-type]
    assert refused_field(lambda: installation.accounts.change_role(ADMIN, bea.id, "owner", REASON)) == "role"  # type: ignore[arg-type]


# Every act and every question x every role. The act's name is given where a refusal must be recorded.

Verb = Callable[[Installation, Actor], object]
VERBS: dict[str, tuple[Permission, str | None, Verb]] = {
    "operators": (Permission.VIEW_OPERATORS, None, lambda one, actor: one.accounts.operators(actor)),
    "invitations": (Permission.VIEW_OPERATORS, None, lambda one, actor: one.accounts.invitations(actor)),
    "sessions_of": (Permission.VIEW_OPERATORS, None, lambda one, actor: one.accounts.sessions_of(actor, "x")),
    "keys": (Permission.MANAGE_KEYS, None, lambda one, actor: one.keys.keys(actor)),
    "own_sessions": (Permission.MANAGE_OWN_SESSIONS, None, lambda one, actor: one.accounts.own_sessions(actor)),
    "invite": (Permission.MANAGE_OPERATORS, "operators.invite", lambda one, actor: one.accounts.invite(actor, "cleo", Role.VIEWER, REASON)),
    "withdraw": (
        Permission.MANAGE_OPERATORS,
        "operators.withdraw_invitation",
        lambda one, actor: one.accounts.withdraw_invitation(actor, "x", REASON),
    ),
    "change_role": (
        Permission.MANAGE_OPERATORS,
        "operators.change_role",
        lambda one, actor: one.accounts.change_role(actor, "x", Role.ADMIN, REASON),
    ),
    "disable": (Permission.MANAGE_OPERATORS, "operators.disable", lambda one, actor: one.accounts.disable(actor, "x", REASON)),
    "enable": (Permission.MANAGE_OPERATORS, "operators.enable", lambda one, actor: one.accounts.enable(actor, "x", REASON)),
    "end_sessions": (
        Permission.MANAGE_OPERATORS,
        "operators.end_sessions",
        lambda one, actor: one.accounts.end_sessions(actor, "x", REASON),
    ),
    "create": (Permission.MANAGE_KEYS, "keys.create", lambda one, actor: one.keys.create(actor, "k", ["charts"], REASON)),
    "revoke": (Permission.MANAGE_KEYS, "keys.revoke", lambda one, actor: one.keys.revoke(actor, "x", REASON)),
    "store": (Permission.KEEP_CASES, "cases.store", lambda one, actor: one.cases.store(actor, {})),
    "open": (Permission.KEEP_CASES, "cases.open", lambda one, actor: one.cases.open(actor, "x")),
    "own cases": (Permission.KEEP_CASES, "", lambda one, actor: one.cases.own(actor)),
    "shared cases": (Permission.SEE_TEAM_CASES, "", lambda one, actor: one.cases.shared(actor)),
    "rename case": (Permission.KEEP_CASES, "cases.rename", lambda one, actor: one.cases.rename(actor, "x", "title")),
    "share case": (Permission.KEEP_CASES, "cases.share", lambda one, actor: one.cases.share(actor, "x", "title")),
    "unshare case": (Permission.KEEP_CASES, "cases.unshare", lambda one, actor: one.cases.unshare(actor, "x")),
    "delete case": (Permission.KEEP_CASES, "cases.delete", lambda one, actor: one.cases.delete(actor, "x")),
    "end_own": (Permission.MANAGE_OWN_SESSIONS, "sessions.end", lambda one, actor: one.accounts.end_own_session(actor, "x")),
    "preferences": (
        Permission.MANAGE_OWN_SESSIONS,
        "accounts.preferences",
        lambda one, actor: one.accounts.set_preferences(actor, "UTC", "compact"),
    ),
    "password": (
        Permission.MANAGE_OWN_SESSIONS,
        "accounts.change_password",
        lambda one, actor: one.accounts.change_password(actor, "", PASSWORD),
    ),
}


def refusal(verb: Verb, installation: Installation, actor: Actor) -> ServiceError | None:
    try:
        verb(installation, actor)
    except ServiceError as error:
        return error
    return None


@pytest.mark.parametrize("name", VERBS)
def test_each_verb_is_for_the_roles_of_the_table_and_a_refused_act_is_recorded(
    sqlite_database: Database, clock: ManualClock, name: str
) -> None:
    installation = Installation(sqlite_database, clock)
    permission, act, verb = VERBS[name]
    nobody = Actor(ADMIN.kind, "id-of-nobody", "nobody", frozenset(), address=ADDRESS, session_id="s", request_id="r")
    for actor in (*(actor_with(role) for role in Role), nobody):
        error = refusal(verb, installation, actor)
        assert isinstance(error, Forbidden) is (permission not in actor.permissions)
        recorded = [record for record in installation.records(actor=actor.id, act=act) if record.after == {"needed": permission.value}]
        assert len(recorded) == (1 if isinstance(error, Forbidden) and act else 0)
        assert all(record.outcome == "refused" for record in recorded)


def test_a_refused_act_is_recorded_on_both_databases_with_where_it_came_from(installation: Installation, bea: Operator) -> None:
    actor = actor_of(installation.signed_in(bea).session, "request-9")
    with pytest.raises(Forbidden, match=r"operators\.manage"):
        installation.accounts.disable(actor, "x\x00" * 300, REASON)
    record = installation.last("operators.disable")
    assert (record.outcome, record.request_id, record.session_id, record.address) == ("refused", "request-9", actor.session_id, ADDRESS)


# No audit record, no act.

ATOMIC: dict[str, Callable[[Installation, Operator], object]] = {
    "setup": lambda one, bea: one.accounts.redeem(one.accounts.issue_setup_code() or "", "ada", PASSWORD, ADDRESS),
    "invite": lambda one, bea: one.accounts.invite(ADMIN, "cleo", Role.VIEWER, REASON),
    "change_role": lambda one, bea: one.accounts.change_role(ADMIN, bea.id, Role.VIEWER, REASON),
    "disable": lambda one, bea: one.accounts.disable(ADMIN, bea.id, REASON),
    "end_sessions": lambda one, bea: one.accounts.end_sessions(ADMIN, bea.id, REASON),
    "sign_in": lambda one, bea: one.signed_in(bea),
    "preferences": lambda one, bea: one.accounts.set_preferences(actor_with(Role.VIEWER, bea.id), "UTC", "compact"),
    "create key": lambda one, bea: one.keys.create(ADMIN, "k", ["charts"], REASON),
    "revoke key": lambda one, bea: one.keys.revoke(ADMIN, one.keys.keys(ADMIN)[0].id, REASON),
    "store case": lambda one, bea: one.cases.store(actor_with(Role.SUPPORT), {}),
}
TABLES = ("operators", "operator_sessions", "invitations", "api_keys", "cases")


@pytest.mark.parametrize("name", [name for name in ATOMIC if name != "setup"])
def test_an_act_that_cannot_be_recorded_is_undone(installation: Installation, bea: Operator, name: str) -> None:
    installation.signed_in(bea)
    installation.keys.create(ADMIN, "k", ["charts"], REASON)
    _lose_the_log(installation)
    before = _contents(installation)
    with pytest.raises(DBAPIError):
        ATOMIC[name](installation, bea)
    assert _contents(installation) == before


def test_a_set_up_that_cannot_be_recorded_makes_no_operator(installation: Installation) -> None:
    _lose_the_log(installation)
    with pytest.raises(DBAPIError):
        installation.admin()
    assert installation.accounts.needs_setup()


def _lose_the_log(installation: Installation) -> None:
    with installation.database.transaction() as connection:
        connection.execute(text("ALTER TABLE audit_records RENAME TO elsewhere"))


def _contents(installation: Installation) -> dict[str, list[object]]:
    with installation.database.reading() as connection:
        return {table: list(connection.execute(text(f"SELECT * FROM {table} ORDER BY id")).all()) for table in TABLES}
