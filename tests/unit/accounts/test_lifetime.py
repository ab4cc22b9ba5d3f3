"""How long a session lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.accounts.lifetime import ABSOLUTE, displaced, is_live, over_because, worth_noticing
from backend.accounts.operator import Operator, Session
from backend.actor import Role
from tests.support.clock import START

ADA = Operator("o", "ada", Role.ADMIN, "UTC", "comfortable", START, None, None)
SESSION = Session("s", ADA, START, START, START + ABSOLUTE, None, None, None, None)


@pytest.mark.parametrize(("minutes", "why"), [(0, None), (29, None), (30, "idle"), (12 * 60 - 1, "idle"), (12 * 60, "absolute")])
def test_a_session_without_activity_is_over_after_half_an_hour(minutes: int, why: str | None) -> None:
    assert over_because(SESSION, START + timedelta(minutes=minutes)) == why


def test_an_active_session_is_over_after_twelve_hours() -> None:
    active = replace(SESSION, last_active_at=START + ABSOLUTE - timedelta(seconds=1))
    assert over_because(active, START + ABSOLUTE - timedelta(seconds=1)) is None
    assert over_because(active, START + ABSOLUTE) == "absolute"


def test_an_ended_session_or_a_disabled_operator_is_not_live() -> None:
    assert is_live(SESSION, START)
    assert not is_live(replace(SESSION, ended_at=START), START)
    assert not is_live(replace(SESSION, operator=replace(ADA, disabled_at=START)), START)
    assert not is_live(SESSION, START + timedelta(hours=1))


def test_activity_is_worth_noticing_once_a_minute() -> None:
    assert not worth_noticing(SESSION, START + timedelta(seconds=59))
    assert worth_noticing(SESSION, START + timedelta(seconds=60))


def test_the_fifth_and_older_make_room() -> None:
    sessions = [replace(SESSION, id=str(number)) for number in range(6)]
    assert [session.id for session in displaced(sessions)] == ["4", "5"]
    assert displaced(sessions[:4]) == []
