"""An operator's word at the call path, the ramp after closing, figures changed at run time, and what listeners hear."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from backend.errors import CircuitIsolated, CircuitOpen
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from backend.resilience.shared_state import DISPLAY_ONLY_EPOCH, Happening, Reply, SharedCircuit
from tests.support.clock import ManualClock

POLICY = Policy(minimum_calls=4, wait_seconds=5, jitter=0.0, probes=2, lease_seconds=2, slow_seconds=1, ramp_seconds=0)
RAMPED = replace(POLICY, ramp_seconds=4)


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        self.happenings: list[tuple[Happened, str, int]] = []

    def state_changed(self, name: str, state: str, cause: str) -> None:
        self.states.append((state, cause))

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        self.happenings.append((kind, detail, count))


class Failing:
    """A listener with a fault of its own."""

    def state_changed(self, name: str, state: str, cause: str) -> None:
        raise RuntimeError("a fault of ours")

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        raise RuntimeError("a fault of ours")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def breaker(clock: ManualClock, heard: Heard) -> Breaker:
    return Breaker("geocoder", POLICY, clock, lambda: 0.5, listener=heard)


def fail(breaker: Breaker, times: int = 4) -> None:
    for _ in range(times):
        with pytest.raises(ZeroDivisionError):
            breaker.call(lambda: 1 / 0)


def told(breaker: Breaker, clock: ManualClock, *orders: tuple[Slot, Order], circuit: SharedCircuit | None = None) -> None:
    breaker.adopt(Reply(circuit or SharedCircuit(epoch=0), dict(orders)), clock.monotonic())


def override(kind: OverrideKind, epoch: int = 1, left: float | None = None) -> tuple[Slot, Order]:
    return Slot.OVERRIDE, Order(kind, epoch, f"act-{epoch}", left)


# -- overrides ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "error"), [(OverrideKind.ISOLATED, CircuitIsolated), (OverrideKind.FORCED_OPEN, CircuitOpen)])
def test_calls_are_refused_for_as_long_as_the_operator_said(
    breaker: Breaker, clock: ManualClock, heard: Heard, kind: OverrideKind, error: type[Exception]
) -> None:
    told(breaker, clock, override(kind, left=60.0))
    with pytest.raises(error, match="by an operator") as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds == 60.0  # type: ignore[attr-defined]
    assert (breaker.view().state, breaker.view().override) == (kind, kind)
    clock.advance(60)
    assert breaker.call(lambda: "ok") == "ok"
    assert heard.states == [(kind, kind), ("closed", "expired")]
    assert breaker.totals().refused[error.code] == 1  # type: ignore[attr-defined]


def test_one_without_an_end_lasts_until_it_is_released(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    told(breaker, clock, override(OverrideKind.FORCED_OPEN))
    clock.advance(1e6)
    with pytest.raises(CircuitOpen) as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds is None
    told(breaker, clock, override(OverrideKind.NONE, 2))
    assert breaker.call(lambda: "ok") == "ok"
    assert heard.states[-1] == ("closed", "released")


def test_an_isolation_while_calls_are_refused_asks_for_no_probe(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, override(OverrideKind.ISOLATED), circuit=SharedCircuit(State.HALF_OPEN, 2))
    with pytest.raises(CircuitIsolated):
        breaker.call(lambda: "never")
    assert not breaker.question(breaker.take_batch()).wants_probe


@pytest.mark.parametrize("circuit", [SharedCircuit(epoch=0), SharedCircuit(State.OPEN, 1, 60.0), SharedCircuit(State.HALF_OPEN, 2)])
@pytest.mark.parametrize("kind", [OverrideKind.DISABLED, OverrideKind.METRICS_ONLY])
def test_calls_that_nothing_may_hinder_go_through_whatever_the_circuit_says(
    breaker: Breaker, clock: ManualClock, kind: OverrideKind, circuit: SharedCircuit
) -> None:
    told(breaker, clock, override(kind), circuit=circuit)
    fail(breaker, 20)
    assert breaker.call(lambda: "ok") == "ok"
    assert breaker.view().local is State.CLOSED
    assert breaker.totals().bad == 20


def test_disabled_calls_are_told_for_display_only(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, override(OverrideKind.DISABLED, left=60.0))
    fail(breaker, 20)
    assert [(tally.epoch, tally.bad) for tally in breaker.take_batch().tallies] == [(DISPLAY_ONLY_EPOCH, 20)]
    clock.advance(60)
    fail(breaker, 3)  # what failed meanwhile does not count now
    assert breaker.call(lambda: "ok") == "ok"


def test_metrics_only_tells_once_per_would_be_opening_and_counts_for_the_fleet(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    told(breaker, clock, override(OverrideKind.METRICS_ONLY))
    fail(breaker, 8)
    batch = breaker.take_batch()
    assert batch.happenings == (Happening(Happened.WOULD_OPEN, "process", 2),)
    assert (batch.moves, [tally.epoch for tally in batch.tallies]) == ((), [0])
    assert heard.happenings == [(Happened.WOULD_OPEN, "process", 2)]


@pytest.mark.parametrize("kind", [OverrideKind.DISABLED, OverrideKind.METRICS_ONLY])
def test_when_it_ends_the_circuits_own_state_goes_on(breaker: Breaker, clock: ManualClock, kind: OverrideKind) -> None:
    told(breaker, clock)
    fail(breaker)
    told(breaker, clock, override(kind, left=2.0))
    assert [breaker.call(lambda: "ok") for _ in range(9)] == ["ok"] * 9
    clock.advance(2)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    clock.advance(3)
    assert [breaker.call(lambda: "ok") for _ in range(2)] == ["ok", "ok"]
    assert breaker.view().local is State.CLOSED


def test_a_probe_that_ends_under_metrics_only_moves_nothing(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker)
    clock.advance(5)
    with pytest.raises(ZeroDivisionError), breaker.guard():
        told(breaker, clock, override(OverrideKind.METRICS_ONLY))
        raise ZeroDivisionError
    assert breaker.view().local is State.HALF_OPEN


def test_a_reset_closes_and_forgets(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker)
    told(breaker, clock, (Slot.RESET, Order("reset", 1, "act")))
    fail(breaker, 3)
    assert breaker.call(lambda: "ok") == "ok"


def test_the_result_of_a_call_begun_before_a_reset_does_not_count(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock)
    fail(breaker, 3)
    with pytest.raises(ZeroDivisionError), breaker.guard():
        told(breaker, clock, (Slot.RESET, Order("reset", 1, "act")))
        raise ZeroDivisionError
    fail(breaker, 3)
    assert breaker.view().state == "closed"


# -- the ramp ----------------------------------------------------------------------------------------------------------


def admitted(breaker: Breaker, calls: int = 400) -> float:
    let_in = 0
    for _ in range(calls):
        try:
            breaker.call(int)
        except CircuitOpen as refusal:
            assert "recovering" in str(refusal)
            assert refusal.retry_after_seconds is not None
            assert 0 < refusal.retry_after_seconds <= 1
        else:
            let_in += 1
    return let_in / calls


@pytest.mark.parametrize("who", ["process", "fleet"])
def test_after_closing_calls_are_let_in_by_a_growing_share(clock: ManualClock, who: str) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, random.Random(7).random)
    if who == "fleet":
        told(breaker, clock, circuit=SharedCircuit(State.HALF_OPEN, 2))
        told(breaker, clock, circuit=SharedCircuit(State.CLOSED, 3, cause="probes_succeeded"))
    else:
        fail(breaker)
        clock.advance(5)
        for _ in range(2):
            breaker.call(int)
    for share in (0.1, 0.25, 0.5, 1.0):
        assert breaker.view().share == share
        assert admitted(breaker) == pytest.approx(share, abs=0.08)
        clock.advance(1)
    assert (breaker.view().share, admitted(breaker)) == (1.0, 1.0)


def test_each_process_ramps_from_when_the_fleet_closed_not_from_when_it_heard(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, lambda: 0.5)
    told(breaker, clock, circuit=SharedCircuit(State.CLOSED, 3, age_seconds=2.5, cause="probes_succeeded"))
    assert breaker.view().share == 0.5
    clock.advance(0.5)
    assert breaker.call(lambda: "ok") == "ok"


def test_trouble_during_the_ramp_opens_again(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", RAMPED, clock, lambda: 0.0)
    fail(breaker)
    clock.advance(5)
    for _ in range(2):
        breaker.call(int)
    fail(breaker)
    with pytest.raises(CircuitOpen, match="failed too often"):
        breaker.call(int)


# -- figures changed at run time ---------------------------------------------------------------------------------------


def test_other_figures_hold_at_once_and_keep_a_window_of_the_same_shape(breaker: Breaker) -> None:
    fail(breaker, 3)
    breaker.use(replace(POLICY, minimum_calls=6))
    fail(breaker, 2)
    assert breaker.view().state == "closed"
    fail(breaker, 1)
    assert breaker.view().state == "open"
    assert breaker.policy.minimum_calls == 6


@pytest.mark.parametrize(
    "other", [replace(POLICY, slots=10), replace(POLICY, window="count", window_calls=8), replace(POLICY, window_seconds=60)]
)
def test_a_window_of_another_shape_begins_anew_and_totals_go_on(breaker: Breaker, other: Policy) -> None:
    fail(breaker, 3)
    breaker.use(other)
    fail(breaker, 3)
    assert breaker.view().state == "closed"
    assert breaker.totals().bad == 6
    fail(breaker, 1)
    assert breaker.view().state == "open"


def test_a_window_by_number_forgets_by_number_and_not_by_time(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, window="count", window_calls=8, minimum_calls=8), clock, lambda: 0.5)
    fail(breaker, 4)
    clock.advance(1e6)
    for _ in range(3):
        breaker.call(int)
    assert breaker.view().state == "closed"
    breaker.call(int)
    assert breaker.view().state == "open"


def test_a_window_by_number_lets_its_oldest_calls_go(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, window="count", window_calls=8, minimum_calls=8), clock, lambda: 0.5)
    fail(breaker, 3)
    for _ in range(8):
        breaker.call(int)
    fail(breaker, 3)
    assert breaker.view().state == "closed"
    fail(breaker, 1)
    assert breaker.view().state == "open"


def test_good_calls_that_complete_the_minimum_open_what_had_failed_enough(breaker: Breaker) -> None:
    fail(breaker, 3)
    breaker.call(int)
    assert breaker.view().state == "open"


def test_good_calls_leaving_the_window_open_what_they_had_outweighed(breaker: Breaker, clock: ManualClock) -> None:
    for _ in range(20):
        breaker.call(int)
    clock.advance(20)
    fail(breaker, 10)
    assert breaker.view().state == "closed"
    clock.advance(10)
    breaker.call(int)
    assert breaker.view().state == "open"


def test_several_probes_at_once_where_the_policy_permits_them(clock: ManualClock) -> None:
    breaker = Breaker("geocoder", replace(POLICY, concurrent_probes=2), clock, lambda: 0.5)
    fail(breaker)
    clock.advance(5)
    with breaker.guard(), breaker.guard(), pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    assert breaker.view().local is State.CLOSED


def test_a_slow_probe_is_a_bad_one(breaker: Breaker, clock: ManualClock) -> None:
    fail(breaker)
    clock.advance(5)
    breaker.call(lambda: clock.advance(1.5))
    assert breaker.view().local is State.OPEN


@pytest.mark.parametrize(("chance", "probes"), [(0.24, True), (0.25, False)])
def test_where_nobody_is_heard_one_of_those_last_known_probes_by_chance(clock: ManualClock, chance: float, probes: bool) -> None:
    chances = [0.5]
    breaker = Breaker("geocoder", POLICY, clock, lambda: chances[-1])
    breaker.adopt(Reply(SharedCircuit(State.OPEN, 1, 5.0), live_instances=4), clock.monotonic())
    breaker.drift()
    clock.advance(5)
    chances.append(chance)
    try:
        breaker.call(int)
    except CircuitOpen:
        assert not probes
    else:
        assert probes


# -- what is told ------------------------------------------------------------------------------------------------------


def test_moves_are_told_with_their_cause(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    fail(breaker)
    clock.advance(5)
    fail(breaker, 1)
    clock.advance(10)
    for _ in range(2):
        breaker.call(int)
    told(breaker, clock, circuit=SharedCircuit(State.OPEN, 1, 7.0, cause="window"))
    breaker.drift()
    assert heard.states == [
        ("open", "process_window"),
        ("half_open", "process_wait_over"),
        ("open", "process_probe_failed"),
        ("half_open", "process_wait_over"),
        ("closed", "process_probes_succeeded"),
        ("open", "window"),
    ]


def test_refusals_and_notes_are_told_as_sums_about_once_a_second(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    fail(breaker)
    for _ in range(3):
        with pytest.raises(CircuitOpen):
            breaker.call(int)
    breaker.note(Happened.FELL_BACK, "offline index")
    breaker.note(Happened.FELL_BACK, "offline index", 2)
    assert set(breaker.take_batch().happenings) == {Happening("refused", "circuit_open", 3), Happening("fell_back", "offline index", 3)}
    assert sorted(heard.happenings) == [(Happened.FELL_BACK, "offline index", 3), (Happened.REFUSED, "circuit_open", 3)]
    breaker.note(Happened.RETRIED)
    assert breaker.take_batch().happenings == ()
    clock.advance(1)
    assert breaker.take_batch().happenings == (Happening("retried", "", 1),)


def test_a_listeners_fault_is_counted_and_reaches_nobody_who_called(clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, listener=Failing())
    fail(breaker)
    breaker.note(Happened.RETRIED)
    assert breaker.take_batch().happenings
    assert breaker.totals().listener_faults == 2
    assert caplog.text.count("a listener of circuit geocoder failed") == 2
    assert breaker.view().state == "open"


def test_orders_on_policy_and_fault_are_told_once_and_outside_the_lock(clock: ManualClock) -> None:
    orders: list[tuple[Slot, str]] = []

    def on_order(slot: Slot, order: Order) -> None:
        breaker.use(replace(POLICY, minimum_calls=9))  # would wait for ever inside the lock
        orders.append((slot, order.body))

    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, on_order=on_order)
    policy, fault = (Slot.POLICY, Order("{}", 1, "a")), (Slot.FAULT, Order('{"error_ratio": 1}', 3, "b"))
    told(breaker, clock, policy, fault, override(OverrideKind.METRICS_ONLY))
    told(breaker, clock, policy, fault)
    told(breaker, clock, (Slot.POLICY, Order("", 2, "c")))
    assert orders == [(Slot.POLICY, "{}"), (Slot.FAULT, '{"error_ratio": 1}'), (Slot.POLICY, "")]


def test_an_order_that_cannot_be_carried_out_leaves_the_exchange_alive(clock: ManualClock) -> None:
    def on_order(slot: Slot, order: Order) -> None:
        raise ValueError("not JSON")

    breaker = Breaker("geocoder", POLICY, clock, lambda: 0.5, on_order=on_order)
    told(breaker, clock, (Slot.POLICY, Order("{", 1, "a")))
    assert breaker.totals().listener_faults == 1
    assert breaker.view().connected


def test_a_view_says_since_when_the_fleet_is_not_heard(breaker: Breaker, clock: ManualClock) -> None:
    assert breaker.view().adrift_since is None
    told(breaker, clock)
    breaker.drift()
    lost = clock.now()
    clock.advance(9)
    breaker.drift()
    assert (breaker.view().adrift_since, breaker.view().connected) == (lost, False)
    told(breaker, clock)
    assert breaker.view().adrift_since is None
