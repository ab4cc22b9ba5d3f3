"""The moves of a circuit, whatever happens to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.resilience.circuit_state import (
    Circuit,
    State,
    admit,
    after_call,
    after_probe,
    closed,
    held_open,
    opened,
    ramp_share,
    ramp_step_left,
)
from backend.resilience.outcome import Outcome
from backend.resilience.policy import Policy
from backend.resilience.window import Health

POLICY = Policy(minimum_calls=4, wait_seconds=5, longest_wait_seconds=40, jitter=0.2, probes=2, lease_seconds=2, concurrent_probes=2)
BROKEN, WELL = Health(ok=0, bad=10), Health(ok=10)
LEGAL = {(State.CLOSED, State.OPEN), (State.OPEN, State.HALF_OPEN), (State.HALF_OPEN, State.OPEN), (State.HALF_OPEN, State.CLOSED)}
EVENTS = st.lists(
    st.tuples(
        st.floats(0, 20, allow_nan=False),
        st.sampled_from(["admit", "admit", Outcome.OK, Outcome.OK, *Outcome]),
        st.sampled_from([BROKEN, WELL]),
    ),
    max_size=60,
)


@given(EVENTS)
def test_every_move_is_legal_and_adds_one_to_the_epoch(events: list[tuple[float, str, Health]]) -> None:
    circuit, now = Circuit(), 0.0
    for pause, event, health in events:
        now, before = now + pause, circuit
        if event == "admit":
            circuit, _ = admit(circuit, POLICY, now)
        elif circuit.leases:
            circuit = after_probe(circuit, POLICY, circuit.leases[0], Outcome(event), now, 0.5)
        else:
            circuit = after_call(circuit, POLICY, health, Outcome(event), now, 0.5)
        if circuit.state is not before.state:
            assert (before.state, circuit.state) in LEGAL
            assert circuit.epoch == before.epoch + 1
        else:
            assert circuit.epoch == before.epoch
        assert len([lease for lease in circuit.leases if lease > now]) <= POLICY.concurrent_probes


def test_too_few_calls_never_open() -> None:
    assert after_call(Circuit(), POLICY, Health(0, 3), Outcome.BAD, 0.0, 0.0).state is State.CLOSED
    assert after_call(Circuit(), POLICY, Health(0, 4), Outcome.BAD, 0.0, 0.0).state is State.OPEN


def test_slow_calls_alone_open() -> None:
    assert after_call(Circuit(), POLICY, Health(10, 0, 9), Outcome.OK, 0.0, 0.0).state is State.OPEN
    assert after_call(Circuit(), POLICY, Health(10, 0, 8), Outcome.OK, 0.0, 0.0).state is State.CLOSED


def test_what_says_nothing_opens_nothing() -> None:
    assert after_call(Circuit(), POLICY, BROKEN, Outcome.IGNORED, 0.0, 0.0) == Circuit()


def test_a_call_of_the_closed_circuit_moves_no_other() -> None:
    for circuit in (opened(Circuit(), POLICY, 0.0, 0.0), half_open()):
        assert after_call(circuit, POLICY, BROKEN, Outcome.BAD, 9.0, 0.0) is circuit


def test_a_probe_moves_only_what_is_half_open() -> None:
    for circuit in (Circuit(), opened(Circuit(), POLICY, 0.0, 0.0)):
        assert after_probe(circuit, POLICY, 7.0, Outcome.BAD, 5.0, 0.0) is circuit


def half_open(now: float = 5.0) -> Circuit:
    circuit, lease = admit(opened(Circuit(), POLICY, 0.0, 0.0), POLICY, now)
    assert lease is not None
    return circuit


def test_open_waits_then_lets_as_many_probes_through_as_are_permitted() -> None:
    circuit = opened(Circuit(), POLICY, 0.0, 0.0)
    circuit, early = admit(circuit, POLICY, 4.9)
    circuit, first = admit(circuit, POLICY, 5.0)
    circuit, second = admit(circuit, POLICY, 5.1)
    circuit, third = admit(circuit, POLICY, 5.2)
    assert (early, first, second, third) == (None, 7.0, pytest.approx(7.1), None)
    assert circuit.state is State.HALF_OPEN


def test_a_probe_that_never_returns_is_given_up() -> None:
    policy = replace(POLICY, concurrent_probes=1)
    circuit = half_open()
    _, early = admit(circuit, policy, 6.9)
    _, late = admit(circuit, policy, 7.0)
    assert (early, late) == (None, 9.0)


def test_each_end_of_a_probe_lets_another_one_through() -> None:
    policy = replace(POLICY, concurrent_probes=1)
    for outcome in (Outcome.OK, Outcome.IGNORED):
        _, lease = admit(after_probe(half_open(), policy, 7.0, outcome, 5.5, 0.0), policy, 5.5)
        assert lease == 7.5


def test_one_of_two_probes_with_equal_leases_leaves_the_other() -> None:
    circuit, _ = admit(half_open(), POLICY, 5.0)
    assert after_probe(circuit, POLICY, 7.0, Outcome.OK, 5.5, 0.0).leases == (7.0,)


def test_good_probes_close_and_an_ignored_one_counts_for_nothing() -> None:
    circuit = half_open()
    for outcome, expected in ((Outcome.OK, State.HALF_OPEN), (Outcome.IGNORED, State.HALF_OPEN), (Outcome.OK, State.CLOSED)):
        circuit = after_probe(circuit, POLICY, 7.0, outcome, 5.5, 0.0)
        assert circuit.state is expected
    assert circuit.rounds == 0


def test_each_failed_recovery_waits_longer_up_to_a_cap() -> None:
    circuit, now, waits = opened(Circuit(), POLICY, 0.0, 0.0), 0.0, []
    for _ in range(5):
        waits.append(circuit.until - now)
        now = circuit.until
        circuit, lease = admit(circuit, POLICY, now)
        assert lease is not None
        circuit = after_probe(circuit, POLICY, lease, Outcome.BAD, now, 0.0)
    assert waits == [5, 10, 20, 40, 40]


@given(st.integers(0, 100), st.floats(0, 1, exclude_max=True))
def test_jitter_only_lengthens_and_within_its_bound(rounds: int, chance: float) -> None:
    plain = POLICY.wait_after(rounds, 0.0)
    assert plain <= POLICY.wait_after(rounds, chance) <= plain * 1.2
    assert plain <= POLICY.longest_wait_seconds


def test_held_open_keeps_the_given_end() -> None:
    circuit = held_open(Circuit(epoch=3), 17.0, 2)
    assert (circuit.state, circuit.until, circuit.epoch, circuit.rounds) == (State.OPEN, 17.0, 4, 2)


@given(st.floats(0, 100), st.floats(-10, 200), st.floats(0, 200))
def test_the_share_let_in_after_closing_never_falls_and_ends_at_all(ramp: float, since: float, later: float) -> None:
    policy = replace(POLICY, ramp_seconds=ramp)
    assert 0.1 <= ramp_share(policy, since) <= ramp_share(policy, since + later) <= 1.0
    assert ramp_share(policy, ramp) == 1.0


def test_the_share_grows_in_four_equal_steps() -> None:
    policy = replace(POLICY, ramp_seconds=4.0)
    assert [ramp_share(policy, since) for since in (0.0, 0.9, 1.0, 2.0, 2.9, 3.0)] == [0.1, 0.1, 0.25, 0.5, 0.5, 1.0]
    assert ramp_step_left(policy, 1.25) == 0.75


def test_a_ramp_shorter_than_a_second_has_its_steps_too() -> None:
    policy = replace(POLICY, ramp_seconds=0.4)
    assert [ramp_share(policy, since) for since in (0.0, 0.15, 0.25, 0.35)] == [0.1, 0.25, 0.5, 1.0]
    assert ramp_step_left(policy, 0.0) == ramp_step_left(policy, -5.0) == 0.1


def test_without_a_ramp_all_are_let_in_at_once() -> None:
    assert ramp_share(replace(POLICY, ramp_seconds=0.0), 0.0) == 1.0


def test_closing_adds_one_to_the_epoch_and_forgets_the_rest() -> None:
    assert closed(replace(half_open(), rounds=3, successes=1)) == Circuit(State.CLOSED, 3)


@pytest.mark.parametrize(
    ("health", "trips"),
    [(Health(5, 5), True), (Health(6, 5), False), (Health(9, 1), False), (Health(10, 0, 9), True), (Health(11, 0, 9), False)],
)
def test_a_share_that_is_just_reached_trips(health: Health, trips: bool) -> None:
    assert POLICY.tripped_by(health) is trips


def test_a_window_of_the_same_shape_may_be_used_on_whatever_else_changed() -> None:
    assert POLICY.same_window(replace(POLICY, minimum_calls=99, ramp_seconds=9))
    for change in ({"window": "count"}, {"window_calls": 7}, {"window_seconds": 7}, {"slots": 7}):
        assert not POLICY.same_window(replace(POLICY, **change))  # type: ignore[arg-type]
