"""The banner of injected faults: on every page, for one look at its source, and honest when nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from backend.actor import Role
from components import navigation
from tests.console import fakes
from tests.console.conftest import Open, words
from tests.console.test_pages import is_allowed

FAULT = {"latency_seconds": 2.0}
ALLOWED = [(entry.name, role) for entry in navigation.ENTRIES for role in (Role.ADMIN, Role.VIEWER) if is_allowed(entry.name, role)]


@pytest.fixture
def struck() -> Any:
    """A backend with a fault injected for a quarter of an hour."""
    handle = fakes.services()
    handle.circuits.inject_fault(handle.accounts.actor("admin"), "geocoder", FAULT, "Game day, ticket OPS-402", 15)
    return handle


@pytest.mark.parametrize(("name", "role"), ALLOWED)
def test_every_page_says_what_is_injected_by_whom_until_when_and_where_to_end_it(
    open_page: Open, struck: Any, name: str, role: Role
) -> None:
    page = open_page(name, role.value, handle=struck)
    said = words(page)
    assert "**Fault injected into Geocoder** by admin until 14:36 UTC, 15\u00a0min left: each call 2\u00a0s later." in said
    assert "circuit=geocoder" in [link.proto.query_string for link in page.get("page_link")]


def test_no_fault_no_banner(open_page: Open) -> None:
    assert "Fault injected" not in words(open_page("me", "viewer"))


def test_nobody_is_told_nothing(open_page: Open, struck: Any) -> None:
    assert "Fault injected" not in words(open_page("now", "stranger", handle=struck))


def test_pages_share_one_look_within_two_seconds(open_page: Open, struck: Any) -> None:
    page = open_page("me", "admin", handle=struck)
    for _ in range(3):
        page.run()
    assert struck.circuits.looks_for_faults == 1
    struck.clock.sleep(2.1)
    page.run()
    assert struck.circuits.looks_for_faults == 2


def test_it_goes_with_the_fault(open_page: Open, struck: Any) -> None:
    page = open_page("me", "admin", handle=struck)
    struck.clock.sleep(15 * 60)
    assert "Fault injected" not in words(page.run())


def test_a_known_fault_of_which_nobody_can_tell_any_more_is_said_to_be_unknown_until_its_time_is_over(open_page: Open, struck: Any) -> None:
    page = open_page("me", "admin", handle=struck)
    struck.circuits.state = "failed"
    struck.clock.sleep(3)
    said = words(page.run())
    assert "Whether the fault injected into Geocoder goes on cannot be known" in said
    assert "ends by itself at 14:36 UTC" in said
    struck.clock.sleep(15 * 60)
    assert "cannot be known" not in words(page.run())


def test_where_no_fault_was_known_an_outage_says_nothing_of_faults(open_page: Open) -> None:
    handle = fakes.services()
    handle.circuits.state = "failed"
    assert "fault injected" not in words(open_page("me", "admin", handle=handle)).lower()
