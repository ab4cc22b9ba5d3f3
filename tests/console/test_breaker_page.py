"""The page of breakers: many and one of them, whatever their sources say."""

from __future__ import annotations

from typing import Any

import pytest

from backend.actor import Permission, Role
from backend.errors import StorageUnavailable
from backend.resilience.orders import OverrideKind
from tests.console import fakes
from tests.console.conftest import Open, words

REASON = "Provider confirmed an outage, OPS-318"
SAID = {
    "fresh": "Closed",
    "stale": "Was closed",
    "empty": "No geocoder is configured",
    "failed": "The valkey store did not answer",
}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.VIEWER])
@pytest.mark.parametrize("state", fakes.STATES)
def test_one_breaker_is_drawn_whatever_its_sources_say(open_page: Open, role: Role, state: str) -> None:
    page = open_page("breakers", role.value, state, circuit="geocoder")
    assert not page.exception
    assert SAID[state] in words(page)
    assert "#### Both tiers" in words(page)


def test_acts_stand_among_the_transitions_and_in_a_history_with_how_far_they_have_come(open_page: Open) -> None:
    handle = fakes.services()
    handle.circuits.applied = False
    handle.circuits.isolate(handle.accounts.actor("admin"), "geocoder", REASON, 30)
    page = open_page("breakers", "viewer", handle=handle, circuit="geocoder")
    tables = [table.value for table in page.table]
    story = next(table for table in tables if "Why" in table.columns)
    assert "isolated it until 14:51 UTC" in story["Why"].iloc[0]
    orders = next(table for table in tables if "Order" in table.columns)
    assert orders["Applied"].iloc[0].endswith("recorded, not told yet")
    processes = next(table for table in tables if "Process" in table.columns)
    assert all("not yet: override" in cell for cell in processes["Orders"])


def test_without_the_database_transitions_go_on_and_orders_are_said_to_be_unknown(open_page: Open) -> None:
    handle = fakes.services()

    def away(*_: Any, **__: Any) -> Any:
        raise StorageUnavailable("sql")

    handle.circuits.history = away
    page = open_page("breakers", "viewer", handle=handle, circuit="geocoder")
    assert "Acts of operators are in the database" in words(page)
    assert "Those in force go on in every process" in words(page)
    assert any("Why" in table.value.columns for table in page.table)


@pytest.mark.parametrize("error", ["none", "away"])
def test_a_breaker_that_nobody_knows_is_a_sentence_and_a_way_back(open_page: Open, error: str) -> None:
    handle = fakes.services()

    def away(*_: Any) -> Any:
        raise StorageUnavailable("valkey")

    if error == "away":
        handle.circuits.circuit = away
    page = open_page("breakers", "viewer", handle=handle, circuit="nobody")
    assert not page.exception
    assert "met a fault" not in words(page)
    assert page.error
    assert page.get("page_link")


@pytest.mark.parametrize("kind", [kind.value for kind in OverrideKind if kind is not OverrideKind.NONE])
def test_a_hold_is_named_on_its_card_and_in_detail_and_on_the_first_page(open_page: Open, kind: str) -> None:
    handle = fakes.services()
    handle.circuits._hold(handle.accounts.actor("admin"), Permission.OVERRIDE_CIRCUITS, "act", "geocoder", kind, REASON, 30, None)
    word = kind.replace("_", " ").capitalize()
    for name, params in (("breakers", {}), ("breakers", {"circuit": "geocoder"}), ("now", {})):
        assert f"**{word}**" in words(open_page(name, "viewer", handle=handle, **params))


def test_all_breakers_are_counted_worst_first_with_their_services(open_page: Open) -> None:
    handle = fakes.services()
    handle.circuits.circuit_state = "open"
    handle.circuits.others = [fakes.of_another_service(handle.clock)]
    said = words(open_page("breakers", "viewer", handle=handle))
    assert said.index("1 open") < said.index("1 closed")
    assert said.index("#### Geocoder") < said.index("#### Ledger")
    assert "billing · closed for 19\u00a0min" in said
    assert "12 retried · 3 beyond the budget · 204 answered otherwise" in said


@pytest.mark.parametrize("params", [{}, {"circuit": "geocoder"}])
def test_everybody_may_export(open_page: Open, params: dict[str, str]) -> None:
    assert [button.label for button in open_page("breakers", "viewer", **params).get("download_button")]
