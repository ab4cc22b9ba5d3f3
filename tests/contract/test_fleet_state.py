"""The window, probes and leases of the fleet on a real Valkey and in memory: one behaviour, whatever keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.policy import Policy
from backend.resilience.shared_state import (
    ProbeReport,
    Tally,
)
from tests.contract.fleet_store import POLICY, Store, bad, good, shared, store, valkey_server

__all__ = ["shared", "store", "valkey_server"]


# -- the window ---------------------------------------------------------------------------------------------------------


def test_trouble_of_two_opens_for_all(store: Store) -> None:
    assert store.tell("api-1", tallies=(bad(3),)).circuit.state is State.CLOSED
    reply = store.tell("api-2", tallies=(bad(3),), chance=0.5)
    assert (reply.circuit.state, reply.circuit.epoch, reply.circuit.left_seconds) == (State.OPEN, 1, 5.5)
    assert store.causes() == ["window"]


@pytest.mark.parametrize(
    ("ok", "failed", "slow", "state"),
    [
        (2, 2, 0, State.OPEN),  # just the half of just enough
        (3, 2, 0, State.CLOSED),
        (0, 3, 0, State.CLOSED),  # too few calls
        (10, 0, 9, State.OPEN),  # slow ones, just nine in ten
        (11, 0, 9, State.CLOSED),
        (9, 1, 9, State.OPEN),
    ],
)
def test_the_limits_are_part_of_trouble(store: Store, ok: int, failed: int, slow: int, state: State) -> None:
    tally = Tally(0.0, -1, ok, failed, slow, (0,) * 10)
    assert store.tell(tallies=(tally,), policy=replace(POLICY, minimum_reporters=1)).circuit.state is state


def test_a_batch_counts_once_however_often_it_is_told(store: Store) -> None:
    store.tell(tallies=(good(3),))
    store.tell(tallies=(good(3),), repeated=True)
    assert sum(ok for ok, _, _ in store.state.read("geocoder").bars) == 3


def test_what_left_the_window_counts_for_nothing(store: Store) -> None:
    store.tell(tallies=(bad(9, age=29.0),), delay=2.0)
    assert sum(bad for _, bad, _ in store.state.read("geocoder").bars) == 0


def test_calls_of_another_epoch_are_shown_and_decide_nothing(store: Store) -> None:
    store.tell("api-1", tallies=(bad(9, epoch=7),))
    assert store.tell("api-2", tallies=(bad(9, epoch=-2),)).circuit.state is State.CLOSED
    assert sum(bad for _, bad, _ in store.state.read("geocoder").bars) == 18


def test_one_alone_is_enough_after_others_had_time_to_speak(store: Store) -> None:
    store.tell(tallies=(bad(9),))
    store.advance(0.299)
    assert store.tell().circuit.state is State.CLOSED
    store.advance(0.001)
    assert store.tell().circuit.state is State.OPEN


def test_one_sick_instance_among_callers_stops_nobody(store: Store) -> None:
    store.tell("api-2", tallies=(good(1),))
    store.tell("api-1", tallies=(bad(9),))
    store.advance(1.0)
    assert store.tell("api-1", tallies=(bad(9),)).circuit.state is State.CLOSED


def test_processes_of_other_figures_count_beside_each_other(store: Store) -> None:
    store.tell("api-1", tallies=(good(2),))
    store.tell("api-2", tallies=(good(3),), policy=Policy(window_seconds=60, slots=20))
    reading = store.state.read("geocoder")
    assert (len(reading.bars), sum(ok for ok, _, _ in reading.bars), reading.policy["window_seconds"]) == (20, 5, 60.0)


# -- probes -------------------------------------------------------------------------------------------------------------


def test_waits_grow_with_each_failed_recovery_to_a_limit(store: Store) -> None:
    circuit, waits = store.open().circuit, []
    for _ in range(6):
        waits.append(circuit.left_seconds)
        store.advance(circuit.left_seconds)
        token = store.tell("api-1", wants_probe=True).tokens[0]
        circuit = store.tell("api-1", reports=(ProbeReport(token, circuit.epoch + 1, False),)).circuit
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


def test_nobody_probes_before_the_wait_is_over_nor_without_asking(store: Store) -> None:
    store.open()
    store.advance(4.999)
    assert store.tell(wants_probe=True).circuit.state is State.OPEN
    store.advance(0.001)
    assert store.tell().circuit.state is State.OPEN
    reply = store.tell(wants_probe=True)
    assert (reply.circuit.state, len(reply.tokens)) == (State.HALF_OPEN, 1)


def test_one_holds_the_lease_and_the_others_hear_for_how_long(store: Store) -> None:
    (token,) = store.half_open().tokens
    store.advance(5.0)
    other = store.tell("api-2", wants_probe=True)
    assert (other.tokens, other.quiet_seconds) == ((), 15.0)
    store.advance(5.0)
    assert store.tell("api-1", held=(token,)).tokens == (token,)  # renewed
    assert store.tell("api-2").quiet_seconds == 20.0
    store.advance(20.0)
    assert store.tell("api-1", held=(token,)).tokens == ()  # too late
    assert len(store.tell("api-2", wants_probe=True).tokens) == 1


def test_as_many_leases_as_the_policy_permits(store: Store) -> None:
    policy = replace(POLICY, concurrent_probes=2)
    first = store.half_open(policy=policy)
    second, third = (store.tell(who, wants_probe=True, policy=policy) for who in ("api-2", "api-3"))
    assert [len(reply.tokens) for reply in (first, second, third)] == [1, 1, 0]
    assert len({*first.tokens, *second.tokens}) == 2
    assert first.quiet_seconds == 0.0 < second.quiet_seconds
    store.tell("api-1", released=first.tokens, policy=policy)
    assert len(store.tell("api-3", wants_probe=True, policy=policy).tokens) == 1


def test_good_probes_close_and_the_answer_says_how_long_ago(store: Store) -> None:
    reply = store.half_open()
    for _ in range(2):
        reply = store.tell("api-1", reports=(ProbeReport(reply.tokens[0], 2, True),), wants_probe=True)
    assert (reply.circuit.state, reply.circuit.rounds, reply.circuit.cause) == (State.CLOSED, 0, "probes_succeeded")
    store.advance(0.5)
    assert store.tell("api-2").circuit.age_seconds == 0.5
    assert store.state.read("geocoder").ramp_left_seconds == 1.5
    store.advance(9)
    assert store.state.read("geocoder").ramp_left_seconds == 0.0
    assert store.causes() == ["window", "wait_over", "probes_succeeded"]


@pytest.mark.parametrize(("token", "epoch", "late"), [("another", 2, 0.0), (None, 1, 0.0), (None, 2, 20.0)])
def test_a_report_counts_with_its_lease_alive_and_its_epoch_only(store: Store, token: str | None, epoch: int, late: float) -> None:
    reply = store.half_open()
    store.advance(late)
    after = store.tell("api-1", reports=(ProbeReport(token or reply.tokens[0], epoch, False),))
    assert (after.circuit.state, after.circuit.epoch) == (State.HALF_OPEN, 2)


# -- a clock that goes back ---------------------------------------------------------------------------------------------


def test_a_wait_and_a_lease_last_no_longer_than_the_longest_when_the_clock_goes_back(store: Store) -> None:
    store.half_open()
    store.advance(-3600.0)
    reply = store.tell("api-2", wants_probe=True)
    assert len(reply.tokens) == 1
    assert store.tell("api-2", reports=(ProbeReport(reply.tokens[0], 2, False),)).circuit.left_seconds == 10.0
    store.advance(-3600.0)
    assert store.tell().circuit.left_seconds == 60.0 * 1.2


@pytest.mark.parametrize(("back", "leases"), [(15.0, 0), (30.0, 1)])
def test_a_lease_that_ends_later_than_two_leases_from_now_was_given_before_the_clock_went_back(
    store: Store, back: float, leases: int
) -> None:
    store.half_open()
    store.advance(-back)
    assert len(store.tell("api-2", wants_probe=True).tokens) == leases


def test_what_was_counted_later_than_now_counts_for_nothing(store: Store) -> None:
    store.tell("api-1", tallies=(bad(3),))
    store.advance(-3600.0)
    assert store.tell("api-2", tallies=(bad(3),)).circuit.state is State.CLOSED
    assert store.tell("api-1", tallies=(bad(1),)).circuit.state is State.OPEN
