"""Every page, as every role, over sources in every state; and each page asked for around the entry script."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from backend.actor import PERMISSIONS, Role
from components import navigation, services, session
from tests.console import fakes
from tests.console.conftest import Open, words

NAMES = [entry.name for entry in navigation.ENTRIES]


def is_allowed(name: str, role: Role) -> bool:
    return navigation.BY_NAME[name].permission in PERMISSIONS[role]


ALLOWED = [(name, role) for name in NAMES for role in Role if is_allowed(name, role)]
REFUSED = [(name, role) for name in NAMES for role in Role if not is_allowed(name, role)]


@pytest.mark.parametrize("state", fakes.STATES)
@pytest.mark.parametrize(("name", "role"), ALLOWED)
def test_a_page_is_drawn_whatever_its_sources_say(open_page: Open, name: str, role: Role, state: str) -> None:
    page = open_page(name, role.value, state)
    assert not page.exception
    said = words(page)
    assert f"# {navigation.BY_NAME[name].title}" in said
    assert "met a fault" not in said


@pytest.mark.parametrize(("name", "role"), REFUSED)
def test_a_page_that_a_role_may_not_see_is_not_registered(open_page: Open, name: str, role: Role) -> None:
    with pytest.raises(ValueError, match="page"):
        open_page(name, role.value)


@pytest.mark.parametrize("role", [*Role, None])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_file_run_around_the_entry_script_checks_by_itself(monkeypatch: pytest.MonkeyPatch, name: str, role: Role | None) -> None:
    services.provide(fakes.services())
    monkeypatch.setattr(session, "token", lambda: f"token-{role.value}" if role else None)
    page = AppTest.from_file(str(navigation.BY_NAME[name].file), default_timeout=30).run()
    said = words(page)
    title = f"# {navigation.BY_NAME[name].title}"
    if role is None:
        assert "Your session has ended" in said
        assert title not in said
    elif not is_allowed(name, role):
        assert "not for your role" in said
        assert title not in said
    else:
        assert title in said
    services.provide(None)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "now"])
def test_no_page_is_registered_for_nobody(open_page: Open, name: str) -> None:
    with pytest.raises(ValueError, match="page"):
        open_page(name, "stranger")


def test_nobody_is_told_that_the_session_has_ended(open_page: Open) -> None:
    said = words(open_page("now", "stranger"))
    assert "Your session has ended" in said
    assert "# Now" not in said


def test_a_store_that_cannot_say_who_it_is_shows_nothing(open_page: Open) -> None:
    handle = fakes.services()
    handle.accounts.away = True
    page = open_page("now", "admin", handle=handle)
    assert "cannot reach its database" in words(page)
    assert "# Now" not in words(page)


def test_a_disabled_operators_open_page_is_refused_at_its_next_run(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("breakers", "developer", handle=handle)
    assert "# Breakers" in words(page)
    handle.accounts.disable(handle.accounts.actor("admin"), "op-developer", "left the company today")
    page.run()
    assert "Your session has ended" in words(page)
    assert "# Breakers" not in words(page)


def test_a_role_change_counts_from_the_next_run(open_page: Open) -> None:
    handle = fakes.services()
    page = open_page("playground", "support", handle=handle)
    assert "# Playground" in words(page)
    handle.accounts.change_role(handle.accounts.actor("admin"), "op-support", Role.VIEWER, "moved to another team")
    page.run()
    assert "# Playground" not in words(page)


def test_a_run_by_a_person_is_activity_and_a_timer_is_not(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = fakes.services()
    monkeypatch.setattr(session, "_ONE_RUN_SECONDS", 0.0)  # what is drawn by the timer asks for itself, as later without the page
    open_page("now", "viewer", handle=handle)
    assert ("viewer", True) in handle.accounts.activity
    assert handle.accounts.activity[-1] == ("viewer", False)
