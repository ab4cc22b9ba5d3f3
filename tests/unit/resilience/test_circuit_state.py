"""The moves of a circuit, whatever happens to it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.resilience.circuit_state import Circuit, State, admit, after_call, closed, held_open, opened
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.window import Health

POLICY = Policy(minimum_calls=4, wait_seconds=5, longest_wait_seconds=40, jitter=0.2, probes=2, lease_seconds=2)
BROKEN, WELL = Health(ok=0, bad=10), Health(ok=10)
LEGAL = {(State.CLOSED, State.OPEN), (State.OPEN, State.HALF_OPEN), (State.HALF_OPEN, State.OPEN), (State.HALF_OPEN, State.CLOSED)}
EVENTS = st.lists(
    st.tuples(st.floats(0, 20, allow_nan=False), st.sampled_from(["admit", *Outcome]), st.integers(0, 3), st.sampled_from([BROKEN, WELL])),
    max_size=60,
)


@given(EVENTS)
def test_every_move_is_legal_and_adds_one_to_the_epoch(events: list[tuple[float, str, int, Health]]) -> None:
    circuit, now = Circuit(), 0.0
    for pause, event, lateness, health in events:
        now, before = now + pause, circuit
        if event == "admit":
            circuit, _ = admit(circuit, POLICY, now)
        else:
            circuit = after_call(circuit, POLICY, health, Outcome(event), circuit.epoch - lateness, now, 0.5)
            assert lateness == 0 or circuit is before, "a late result moved it"
        if circuit.state is not before.state:
            assert (before.state, circuit.state) in LEGAL
            assert circuit.epoch == before.epoch + 1
        else:
            assert circuit.epoch == before.epoch


def test_a_late_failure_neither_reopens_nor_extends() -> None:
    circuit = opened(Circuit(), POLICY, 0.0, 0.0)
    assert after_call(circuit, POLICY, BROKEN, Outcome.BAD, 0, 1.0, 0.5) is circuit
    again = closed(circuit)
    assert after_call(again, POLICY, BROKEN, Outcome.BAD, 0, 9.0, 0.5) is again


def test_too_few_calls_never_open() -> None:
    assert after_call(Circuit(), POLICY, Health(0, 3), Outcome.BAD, 0, 0.0, 0.0).state is State.CLOSED
    assert after_call(Circuit(), POLICY, Health(0, 4), Outcome.BAD, 0, 0.0, 0.0).state is State.OPEN


def test_slow_calls_alone_open() -> None:
    assert after_call(Circuit(), POLICY, Health(10, 0, 9), Outcome.OK, 0, 0.0, 0.0).state is State.OPEN


def test_open_waits_then_lets_one_probe_through() -> None:
    circuit = opened(Circuit(), POLICY, 0.0, 0.0)
    circuit, early = admit(circuit, POLICY, 4.9)
    circuit, first = admit(circuit, POLICY, 5.0)
    circuit, second = admit(circuit, POLICY, 5.1)
    assert (early, first, second) == (False, True, False)
    assert circuit.state is State.HALF_OPEN


def test_a_probe_that_never_returns_is_given_up() -> None:
    circuit, _ = admit(opened(Circuit(), POLICY, 0.0, 0.0), POLICY, 5.0)
    _, early = admit(circuit, POLICY, 6.9)
    _, late = admit(circuit, POLICY, 7.0)
    assert (early, late) == (False, True)


def test_good_probes_close_and_an_ignored_one_counts_for_nothing() -> None:
    circuit, _ = admit(opened(Circuit(), POLICY, 0.0, 0.0), POLICY, 5.0)
    for outcome, expected in ((Outcome.OK, State.HALF_OPEN), (Outcome.IGNORED, State.HALF_OPEN), (Outcome.OK, State.CLOSED)):
        circuit = after_call(circuit, POLICY, WELL, outcome, circuit.epoch, 5.5, 0.0)
        assert circuit.state is expected
    assert circuit.rounds == 0


def test_each_failed_recovery_waits_longer_up_to_a_cap() -> None:
    circuit, now, waits = opened(Circuit(), POLICY, 0.0, 0.0), 0.0, []
    for _ in range(5):
        waits.append(circuit.until - now)
        now = circuit.until
        circuit, _ = admit(circuit, POLICY, now)
        circuit = after_call(circuit, POLICY, BROKEN, Outcome.BAD, circuit.epoch, now, 0.0)
    assert waits == [5, 10, 20, 40, 40]


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_only_lengthens_and_within_its_bound(rounds: int, chance: float) -> None:
    plain = POLICY.wait_after(rounds, 0.0)
    assert plain <= POLICY.wait_after(rounds, chance) <= plain * 1.2
    assert plain <= POLICY.longest_wait_seconds


def test_held_open_keeps_the_given_end() -> None:
    circuit = held_open(Circuit(epoch=3), 17.0, 2)
    assert (circuit.state, circuit.until, circuit.epoch, circuit.rounds) == (State.OPEN, 17.0, 4, 2)
