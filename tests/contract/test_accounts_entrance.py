"""How an operator comes to be, on both databases."""

from __future__ import annotations

import pytest

from backend.accounts.login_limits import LoginPolicy
from backend.actor import Role
from backend.errors import Conflict, InvalidRequest, LimitExceeded, ServiceError
from backend.storage.database import Database
from tests.support.builders import ADDRESS, PASSWORD, REASON, Installation, actor_with
from tests.support.clock import ManualClock
from tests.support.databases import Opener
from tests.support.refusals import refused_field
from tests.support.threads import at_once


def test_the_first_start_needs_a_set_up_and_gives_a_code(installation: Installation) -> None:
    assert installation.accounts.needs_setup()
    code = installation.accounts.issue_setup_code()
    assert code is not None
    assert [len(group) for group in code.split("-")] == [5] * 5


def test_the_set_up_code_makes_an_admin_who_can_sign_in(installation: Installation) -> None:
    operator = installation.admin("ada")
    assert (operator.name, operator.role) == ("ada", Role.ADMIN)
    assert not installation.accounts.needs_setup()
    assert installation.accounts.issue_setup_code() is None
    assert installation.signed_in(operator).session.operator.id == operator.id


def test_a_code_may_be_typed_in_small_letters_without_hyphens(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    assert installation.accounts.redeem(f" {code.replace('-', ' ').lower()} ", "ada", PASSWORD, ADDRESS).role is Role.ADMIN


def test_a_code_works_once(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    installation.accounts.redeem(code, "ada", PASSWORD, ADDRESS)
    assert refused_field(lambda: installation.accounts.redeem(code, "eve", PASSWORD, ADDRESS)) == "code"


def test_a_set_up_code_lasts_half_an_hour(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    installation.clock.advance(30 * 60)
    assert refused_field(lambda: installation.accounts.redeem(code, "ada", PASSWORD, ADDRESS)) == "code"


def test_a_new_set_up_code_ends_the_one_before(installation: Installation) -> None:
    first, second = installation.accounts.issue_setup_code(), installation.accounts.issue_setup_code()
    assert refused_field(lambda: installation.accounts.redeem(first, "ada", PASSWORD, ADDRESS)) == "code"
    assert installation.accounts.redeem(second, "ada", PASSWORD, ADDRESS).name == "ada"


def test_the_store_keeps_no_code(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    with installation.database.reading() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM invitations").all())
    assert code not in rows and code.replace("-", "") not in rows


def test_a_refused_password_leaves_the_code_usable(installation: Installation) -> None:
    code = installation.accounts.issue_setup_code()
    for _ in range(20):
        assert refused_field(lambda: installation.accounts.redeem(code, "ada", "short", ADDRESS)) == "password"
    assert installation.accounts.redeem(code, "ada", PASSWORD, ADDRESS).name == "ada"


@pytest.mark.parametrize("name", ["", "a", "-ada", "ada lovelace", "a" * 33, "ad\x00a", "ädä"])
def test_a_name_outside_the_rules_is_refused(installation: Installation, name: str) -> None:
    code = installation.accounts.issue_setup_code()
    assert refused_field(lambda: installation.accounts.redeem(code, name, PASSWORD, ADDRESS)) == "name"


def test_a_wrong_code_is_recorded_without_being_written_down_and_hashes_nothing(installation: Installation) -> None:
    assert refused_field(lambda: installation.accounts.redeem("AAAAA-BBBBB", "ada", PASSWORD, ADDRESS)) == "code"
    record = installation.last("accounts.join")
    assert (record.outcome, record.after, record.address) == ("refused", {"why": "unknown code"}, ADDRESS)
    assert installation.hasher.hashed == 0


def test_wrong_codes_are_limited(database: Database, clock: ManualClock) -> None:
    installation = Installation(database, clock, policy=LoginPolicy())
    for _ in range(5):
        refused_field(lambda: installation.accounts.redeem("AAAAA-BBBBB", "ada", PASSWORD, ADDRESS))
    with pytest.raises(LimitExceeded):
        installation.accounts.redeem("AAAAA-BBBBB", "ada", PASSWORD, ADDRESS)


def test_of_two_who_redeem_one_code_at_once_one_wins(installation: Installation, another: Opener, clock: ManualClock) -> None:
    code = installation.accounts.issue_setup_code()
    outcomes = at_once(
        *(
            lambda name=name: Installation(another(), clock).accounts.redeem(code, name, PASSWORD, ADDRESS)
            for name in ("ada", "bea", "cleo", "dora")
        )
    )
    assert len([outcome for outcome in outcomes if not isinstance(outcome, Exception)]) == 1
    assert all(isinstance(outcome, InvalidRequest) for outcome in outcomes if isinstance(outcome, Exception))
    assert len(installation.accounts.operators(actor_with(Role.ADMIN))) == 1


def test_two_open_set_up_codes_still_make_one_admin(installation: Installation, another: Opener, clock: ManualClock) -> None:
    codes = [installation.accounts.issue_setup_code(), installation.accounts.issue_setup_code()]
    with installation.database.transaction() as connection:  # as if both had been issued at the same instant
        connection.exec_driver_sql("UPDATE invitations SET expires_at = (SELECT max(expires_at) FROM invitations)")
    outcomes = at_once(
        *(
            lambda code=code, name=name: Installation(another(), clock).accounts.redeem(code, name, PASSWORD, ADDRESS)
            for code, name in zip(codes, ("ada", "bea"), strict=True)
        )
    )
    assert sorted(isinstance(outcome, Conflict) for outcome in outcomes) == [False, True]


def test_an_invitation_gives_its_own_name_and_role(installation: Installation) -> None:
    invitation = installation.accounts.invite(actor_with(Role.ADMIN), " Bea ", Role.DEVELOPER, REASON)
    operator = installation.accounts.redeem(invitation.code, "somebody-else", PASSWORD, ADDRESS)
    assert (operator.name, operator.role) == ("bea", Role.DEVELOPER)
    assert installation.last("accounts.join").object_id == operator.id


def test_an_open_invitation_is_listed_without_its_code(installation: Installation) -> None:
    invitation = installation.accounts.invite(actor_with(Role.ADMIN), "bea", Role.SUPPORT, REASON)
    (listed,) = installation.accounts.invitations(actor_with(Role.AUDITOR))
    assert (listed.id, listed.code, listed.name, listed.role) == (invitation.id, "", "bea", Role.SUPPORT)
    installation.clock.advance(3 * 24 * 3600)
    assert installation.accounts.invitations(actor_with(Role.AUDITOR)) == []


def test_a_second_invitation_for_a_name_replaces_the_first(installation: Installation) -> None:
    first, second = (installation.accounts.invite(actor_with(Role.ADMIN), "bea", Role.VIEWER, REASON) for _ in range(2))
    assert refused_field(lambda: installation.accounts.redeem(first.code, "", PASSWORD, ADDRESS)) == "code"
    assert installation.accounts.redeem(second.code, "", PASSWORD, ADDRESS).name == "bea"


def test_a_withdrawn_invitation_opens_nothing(installation: Installation) -> None:
    admin = actor_with(Role.ADMIN)
    invitation = installation.accounts.invite(admin, "bea", Role.VIEWER, REASON)
    installation.accounts.withdraw_invitation(admin, invitation.id, REASON)
    assert refused_field(lambda: installation.accounts.redeem(invitation.code, "", PASSWORD, ADDRESS)) == "code"
    with pytest.raises(ServiceError, match="no such invitation"):
        installation.accounts.withdraw_invitation(admin, invitation.id, REASON)


def test_a_name_that_is_taken_is_a_conflict(installation: Installation) -> None:
    installation.operator(name="bea")
    with pytest.raises(Conflict, match="bea"):
        installation.accounts.invite(actor_with(Role.ADMIN), "bea", Role.VIEWER, REASON)


def test_a_name_taken_between_invitation_and_use_is_a_conflict(installation: Installation) -> None:
    invitation = installation.accounts.invite(actor_with(Role.ADMIN), "ada", Role.VIEWER, REASON)
    installation.admin("ada")
    with pytest.raises(Conflict, match="ada"):
        installation.accounts.redeem(invitation.code, "", PASSWORD, ADDRESS)


def test_old_invitations_and_sessions_are_purged_after_a_month(installation: Installation) -> None:
    installation.signed_in(installation.admin())
    assert installation.accounts.purge() == 0
    installation.clock.advance(31 * 24 * 3600)
    assert installation.accounts.purge() == 2
