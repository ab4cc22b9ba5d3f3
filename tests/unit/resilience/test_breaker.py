"""One breaker by itself, and under a fleet's word given by hand."""

from __future__ import annotations

import pytest

from backend.errors import CircuitIsolated, CircuitOpen, DeadlineExceeded, DependencyFailed, InvalidRequest
from backend.resilience.breaker import Breaker
from backend.resilience.circuit_state import State
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.shared_state import Batch, Reply, SharedCircuit
from tests.support.clock import ManualClock

POLICY = Policy(minimum_calls=4, wait_seconds=5, jitter=0.0, probes=2, lease_seconds=2, slow_seconds=1, ramp_seconds=0)


class Heard:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.states: list[str] = []
        self.causes: list[str] = []
        self.happenings: list[tuple[Happened, str, int]] = []

    def state_changed(self, name: str, state: str, cause: str) -> None:
        self.states.append(state)
        self.causes.append(cause)

    def happened(self, name: str, kind: Happened, detail: str, count: int) -> None:
        self.happenings.append((kind, detail, count))


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def breaker(clock: ManualClock, heard: Heard) -> Breaker:
    return Breaker("geocoder", POLICY, clock, lambda: 0.5, listener=heard)


def failing() -> None:
    raise DependencyFailed("geocoder", "it broke", transient=True)


def break_it(breaker: Breaker, times: int = 4) -> None:
    for _ in range(times):
        with pytest.raises(DependencyFailed):
            breaker.call(failing)


def told(
    breaker: Breaker, clock: ManualClock, circuit: SharedCircuit, order: Order | None = None, token: str = "", slot: Slot = Slot.OVERRIDE
) -> None:
    orders = {} if order is None else {slot: order}
    breaker.adopt(Reply(circuit, orders, (token,) if token else ()), clock.monotonic())


def test_trouble_opens_it_and_good_probes_close_it(breaker: Breaker, clock: ManualClock, heard: Heard) -> None:
    break_it(breaker)
    with pytest.raises(CircuitOpen) as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds == 5.0
    clock.advance(5)
    assert [breaker.call(lambda: "ok") for _ in range(2)] == ["ok", "ok"]
    assert heard.states == ["open", "half_open", "closed"]
    break_it(breaker, 3)  # the old failures are forgotten
    assert breaker.view().state == "closed"


def test_the_time_it_opened_is_known(breaker: Breaker, clock: ManualClock) -> None:
    break_it(breaker)
    opened_at = clock.now()
    clock.advance(3)
    assert breaker.view().since == opened_at


def test_a_late_failure_does_not_reopen(breaker: Breaker, clock: ManualClock) -> None:
    late = breaker.guard()
    late.__enter__()
    break_it(breaker)
    clock.advance(5)
    for _ in range(2):
        breaker.call(lambda: "ok")
    late.__exit__(DependencyFailed, DependencyFailed("geocoder", "late", transient=True), None)
    assert breaker.view().local is State.CLOSED


@pytest.mark.parametrize("error", [InvalidRequest.of("q", "bad", "bad"), DeadlineExceeded("short"), KeyboardInterrupt()])
def test_what_is_not_the_dependencys_fault_never_opens_it(breaker: Breaker, error: BaseException) -> None:
    def fail() -> None:
        raise error

    for _ in range(20):
        with pytest.raises(type(error)):
            breaker.call(fail)
    assert breaker.view().state == "closed"


def test_slow_calls_open_it(breaker: Breaker, clock: ManualClock) -> None:
    for _ in range(4):
        breaker.call(lambda: clock.advance(1.5))
    assert breaker.view().state == "open"


def test_an_isolation_refuses_with_its_own_error_and_ends_by_itself(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(epoch=0), Order("isolated", 1, "act", 60.0))
    with pytest.raises(CircuitIsolated) as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds == 60.0
    assert breaker.view().state == "isolated"
    clock.advance(60)
    assert breaker.call(lambda: "ok") == "ok"


def test_an_isolation_stays_when_the_fleet_is_not_heard_any_more(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(epoch=0), Order("isolated", 1, "act", None))
    breaker.drift()
    clock.advance(100_000)
    with pytest.raises(CircuitIsolated):
        breaker.call(lambda: "never")
    assert not breaker.view().connected


def test_an_older_override_is_no_news(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(epoch=0), Order("isolated", 2, "b", 60.0))
    told(breaker, clock, SharedCircuit(epoch=0), Order("none", 1, "a"))
    assert breaker.view().isolated
    told(breaker, clock, SharedCircuit(epoch=0), Order("none", 3, "c"))
    assert not breaker.view().isolated


def test_the_fleets_open_circuit_stops_a_process_that_saw_nothing(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.OPEN, 1, 7.0))
    with pytest.raises(CircuitOpen) as refusal:
        breaker.call(lambda: "never")
    assert refusal.value.retry_after_seconds == 7.0
    assert not breaker.question(Batch()).wants_probe
    clock.advance(7.1)  # the wait, and this process's own moment after it
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    assert breaker.question(Batch()).wants_probe


def test_one_permit_lets_one_call_through_and_its_result_is_reported(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    assert breaker.call(lambda: "ok") == "ok"
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    (report,) = breaker.take_batch().reports
    assert (report.token, report.epoch, report.ok) == ("t1", 2, True)


def test_a_permit_ends_when_its_lease_does(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    clock.advance(2.0)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")


def test_a_probe_that_says_nothing_gives_its_permit_back(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    with pytest.raises(DeadlineExceeded):
        breaker.call(lambda: (_ for _ in ()).throw(DeadlineExceeded("short")))
    assert breaker.call(lambda: "ok") == "ok"


def test_a_reply_that_crossed_the_report_gives_no_second_probe(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    breaker.call(lambda: "ok")
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")


def test_an_idle_permit_is_given_up_when_others_wait(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.HALF_OPEN, 2), token="t1")
    breaker.adopt(Reply(SharedCircuit(State.HALF_OPEN, 2), {}, ("t1",), True), clock.monotonic())
    assert breaker.question(Batch()).held == ("t1",)
    clock.advance(1.1)
    question = breaker.question(Batch())
    assert (question.held, question.released) == ((), ("t1",))


def test_without_the_fleet_an_open_circuit_waits_its_time_then_probes_by_itself(breaker: Breaker, clock: ManualClock) -> None:
    told(breaker, clock, SharedCircuit(State.OPEN, 1, 7.0, rounds=1))
    breaker.drift()
    clock.advance(6.9)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")
    clock.advance(0.1)
    assert [breaker.call(lambda: "ok") for _ in range(3)] == ["ok"] * 3
    assert breaker.view().local is State.CLOSED
    told(breaker, clock, SharedCircuit(State.OPEN, 1, 7.0))  # the fleet is back and still waits
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")


def test_without_the_fleet_trouble_still_opens_it(breaker: Breaker) -> None:
    breaker.drift()
    break_it(breaker)
    with pytest.raises(CircuitOpen):
        breaker.call(lambda: "never")


def test_what_nobody_fetches_stays_bounded(breaker: Breaker, clock: ManualClock) -> None:
    for _ in range(500):
        breaker.call(lambda: "ok")
        clock.advance(1)
    tallies = breaker.take_batch().tallies
    assert len(tallies) <= POLICY.slots + 2
    assert all(tally.age_seconds < POLICY.window_seconds for tally in tallies)
