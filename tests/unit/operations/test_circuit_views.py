"""What a card says: figures of the fleet, orders of SQL, and what happened around the calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.operations.circuit_view import CircuitView, Guarded, Happenings
from backend.operations.fleet_views import Around, circuit_view, fault_of_fleet
from backend.operations.happenings import answered, summed
from backend.operations.order_record import OrderRecord
from backend.resilience.circuit_state import State
from backend.resilience.dependency_policy import DependencyPolicy, to_document
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import CircuitReading, HappeningReading, InstanceReading, Named
from backend.resilience.shared_state import SharedCircuit
from tests.support.clock import START as NOW

OURS = Guarded("Geocoder", DependencyPolicy(circuit=Policy(window_seconds=10.0)), "Places come from the index.")
QUIET = Around(())
NAMED = Named("geocoder", "as told", "astrolabe", 0.1)
TOLD = {"failure_ratio": 0.4, "window_seconds": 20.0, "window": "time"}
READING = CircuitReading(True, SharedCircuit(State.CLOSED, 3, age_seconds=60.0), bars=((6, 2, 1), (2, 0, 0)), policy=TOLD)


def record(slot: Slot, epoch: int, body: str, **more: object) -> OrderRecord:
    return replace(OrderRecord("id", slot, "geocoder", epoch, body, "because", "op", "ada", NOW, None, NOW), **more)  # type: ignore[arg-type]


def instance(name: str, lag: float, state: str = "closed", **epochs: int) -> InstanceReading:
    return InstanceReading(name, "api", lag, state, {Slot(slot): epoch for slot, epoch in epochs.items()})


def happening(kind: Happened, detail: str = "", count: int = 1, ago: float = 1.0, circuit: str = "geocoder") -> HappeningReading:
    return HappeningReading("1-1", NOW.timestamp() - ago, circuit, kind, detail, count, "api-1")


def card(reading: CircuitReading = READING, guarded: Guarded | None = OURS, around: Around = QUIET, **newest: OrderRecord) -> CircuitView:
    return circuit_view(NAMED, guarded, reading, {Slot(slot): order for slot, order in newest.items()}, around, NOW)


def test_each_order_says_how_many_live_instances_hold_it() -> None:
    instances = (instance("a", 0.1, override=4, policy=2), instance("b", 0.2, override=3, policy=2), instance("gone", 9.0, override=4))
    newest = {"override": record(Slot.OVERRIDE, 4, "isolated"), "policy": record(Slot.POLICY, 2, "{}"), "fault": record(Slot.FAULT, 1, "")}
    view = card(replace(READING, instances=instances), **newest)
    assert {one.slot: (one.known, one.live, one.in_force) for one in view.standings} == {
        Slot.OVERRIDE: (1, 2, True),
        Slot.POLICY: (2, 2, True),
        Slot.FAULT: (0, 2, False),
    }
    assert view.applied == (1, 2)
    assert [one.applied for one in view.instances] == [True, False, True]


def test_both_tiers_are_told_apart() -> None:
    view = card(replace(READING, instances=(instance("a", 0.1, "open"), instance("b", 0.1))))
    assert (view.state, [one.state for one in view.instances]) == ("closed", ["open", "closed"])
    assert view.since == NOW - timedelta(seconds=60)


def test_without_a_live_instance_the_state_is_not_known() -> None:
    assert card(replace(READING, instances=(instance("a", 9.0),))).state == "unknown"


@pytest.mark.parametrize(
    ("guarded", "order", "source", "document"),
    [
        (OURS, None, "settings", to_document(OURS.policy)),
        (OURS, record(Slot.POLICY, 2, ""), "settings", to_document(OURS.policy)),
        (OURS, record(Slot.POLICY, 2, '{"total_seconds":9}'), "operator", {"total_seconds": 9}),
        (None, None, "service", {"circuit": TOLD}),
    ],
)
def test_the_policy_in_force_says_who_set_it(
    guarded: Guarded | None, order: OrderRecord | None, source: str, document: dict[str, object]
) -> None:
    view = card(guarded=guarded, **({"policy": order} if order else {}))
    assert (view.policy.source, view.policy.document) == (source, document)
    assert view.policy.actor_name == ("ada" if source == "operator" else None)
    assert (view.window_seconds, view.configured) == (20.0, guarded is not None)


def test_a_circuit_of_another_service_is_called_what_it_calls_itself() -> None:
    view = card(replace(READING, policy=None), guarded=None)
    assert (view.title, view.service, view.policy.document) == ("as told", "astrolabe", None)
    assert card().title == "Geocoder"


def test_what_happened_is_summed_over_the_window_by_kind() -> None:
    around = [
        happening(Happened.RETRIED, count=3),
        happening(Happened.RETRIED, count=2, ago=19.0),
        happening(Happened.RETRIED, count=50, ago=21.0),
        happening(Happened.FELL_BACK, "stale_cache", 2),
        happening(Happened.FELL_BACK, "places", 6),
        happening(Happened.REFUSED, "circuit_open", 7),
        happening(Happened.HEDGED, circuit="mail"),
    ]
    view = card(around=Around(around))
    assert view.happenings == Happenings(20.0, retried=5, refused={"circuit_open": 7}, fell_back={"stale_cache": 2, "places": 6})
    assert view.answered == {"primary": 0.5, "stale_cache": 0.125, "places": 0.375}


def test_where_more_happened_than_is_kept_the_sums_say_of_how_long_they_are() -> None:
    page = [happening(Happened.FELL_BACK, "places", 5, ago=1.0), happening(Happened.FELL_BACK, "places", 5, ago=4.0)]
    view = card(around=Around.of_page(page, 2))
    assert view.happenings.seconds == pytest.approx(4.0, abs=0.01)
    assert view.happenings.fell_back == {"places": 5}
    assert view.answered is None
    assert Around.of_page(page, 3).known_since == 0.0


def test_without_an_answer_there_are_no_shares() -> None:
    assert answered(0, summed([], 20.0, NOW, 0.0), 20.0) is None


def test_an_order_over_or_done_is_not_shown_but_one_not_told_is() -> None:
    past = NOW - timedelta(seconds=1)
    assert card(override=record(Slot.OVERRIDE, 1, "isolated", expires_at=past)).override is None
    assert card(override=record(Slot.OVERRIDE, 1, "none")).override is None
    assert card(override=record(Slot.OVERRIDE, 1, "none", applied_at=None)).override is not None


def test_a_fault_that_only_the_fleet_can_tell_names_nobody() -> None:
    fault = fault_of_fleet("geocoder", "Geocoder", Order('{"error_ratio":1}', 3, "act", 30.0, 10.0), NOW)
    assert (fault.fault, fault.actor_name, fault.ends_at) == ({"error_ratio": 1}, None, NOW + timedelta(seconds=30))
