"""Where the fleet's rules begin and end: the last millisecond of a window, the first slow call, what a move leaves behind."""

from __future__ import annotations

from dataclasses import replace

from backend.resilience import redis_state
from backend.resilience.circuit_state import State
from backend.resilience.orders import Order, Slot
from backend.resilience.shared_state import ProbeReport, SharedCircuit, Tally
from backend.storage.shared import SharedState
from tests.contract.fleet_store import POLICY, Store, bad, good, shared, store, valkey_server

__all__ = ["shared", "store", "valkey_server"]

ANYBODY = replace(POLICY, minimum_reporters=1)


def test_one_slow_call_is_trouble(store: Store) -> None:
    slow = Tally(0.0, -1, 1, 0, 1, (0,) * 10)
    assert store.tell(tallies=(slow,), policy=replace(ANYBODY, minimum_calls=1)).circuit.state is State.OPEN


def test_the_oldest_slot_of_the_window_counts(store: Store) -> None:
    assert store.tell(tallies=(bad(4, age=29.0),), policy=ANYBODY).circuit.state is State.OPEN
    assert sum(bad for _, bad, _ in store.state.read("geocoder").bars) == 4


def test_trouble_of_a_whole_window_ago_is_nobodys_report_any_more(store: Store) -> None:
    store.tell("api-1", tallies=(bad(1),))
    store.advance(30.0)
    assert store.tell("api-2", tallies=(bad(9),)).circuit.state is State.CLOSED


def test_who_has_heard_another_call_is_alone_only_after_listening_again(store: Store) -> None:
    store.tell("api-1", tallies=(bad(9),))
    store.advance(0.1)
    store.tell("api-2", tallies=(good(1),))
    store.advance(30.0)
    assert store.tell("api-1", tallies=(bad(99),)).circuit.state is State.CLOSED
    store.advance(0.3)
    assert store.tell("api-1").circuit.state is State.OPEN


def test_good_probes_before_a_bad_one_count_no_more(store: Store) -> None:
    (token,) = store.half_open().tokens
    (token,) = store.tell("api-1", reports=(ProbeReport(token, 2, True),), wants_probe=True).tokens
    store.tell("api-1", reports=(ProbeReport(token, 2, False),))
    store.advance(12.0)
    (token,) = store.tell("api-1", wants_probe=True).tokens
    assert store.tell("api-1", reports=(ProbeReport(token, 4, True),)).circuit.state is State.HALF_OPEN


def test_a_report_ends_its_own_lease_and_no_other(store: Store) -> None:
    policy = replace(POLICY, concurrent_probes=2)
    (token,) = store.half_open(policy=policy).tokens
    store.tell("api-2", wants_probe=True, policy=policy)
    store.tell("api-1", reports=(ProbeReport(token, 2, True),), policy=policy)
    assert [len(store.tell(who, wants_probe=True, policy=policy).tokens) for who in ("api-3", "api-4")] == [1, 0]


def test_the_history_says_who_closed_a_circuit(store: Store) -> None:
    reply = store.half_open()
    for who in ("api-1", "api-2"):
        reply = store.tell(who, reports=(ProbeReport(reply.tokens[0], 2, True),), wants_probe=True)
    assert [(move.cause, move.instance) for move in store.state.transitions("geocoder", 1)] == [("probes_succeeded", "api-2")]


def test_after_a_reset_nobody_has_reported_trouble(store: Store) -> None:
    store.tell("api-1", tallies=(bad(3),))
    assert store.state.control("geocoder", Slot.RESET, Order("reset", 1, "act"), "reset") == "applied"
    assert store.tell("api-2", tallies=(bad(9, epoch=1),)).circuit.state is State.CLOSED


def test_as_many_good_probes_close_as_the_policy_says(store: Store) -> None:
    policy = replace(POLICY, probes=3)
    reply, states = store.half_open(policy=policy), []
    for _ in range(3):
        reply = store.tell("api-1", reports=(ProbeReport(reply.tokens[0], 2, True),), wants_probe=True, policy=policy)
        states.append(reply.circuit.state)
    assert states == [State.HALF_OPEN, State.HALF_OPEN, State.CLOSED]


def test_three_may_probe_at_once_where_three_are_permitted(store: Store) -> None:
    policy = replace(POLICY, concurrent_probes=3)
    first = store.half_open(policy=policy)
    others = [store.tell(who, wants_probe=True, policy=policy) for who in ("api-2", "api-3", "api-4")]
    assert [len(reply.tokens) for reply in (first, *others)] == [1, 1, 1, 0]


def test_a_circuit_that_closed_opens_with_the_shortest_wait_again(store: Store) -> None:
    (token,) = store.half_open().tokens
    assert store.tell("api-1", reports=(ProbeReport(token, 2, False),)).circuit.rounds == 1
    store.advance(12.0)
    reply = store.tell("api-1", wants_probe=True)
    for _ in range(2):
        reply = store.tell("api-1", reports=(ProbeReport(reply.tokens[0], 4, True),), wants_probe=True)
    assert (reply.circuit.state, reply.circuit.rounds) == (State.CLOSED, 0)
    assert store.open().circuit.left_seconds == 5.0


def test_who_spoke_three_seconds_ago_is_live_and_not_a_millisecond_longer(store: Store) -> None:
    store.tell("api-1")
    store.advance(3.0)
    assert store.tell("api-2").live_instances == 2
    store.advance(0.001)
    assert store.tell("api-3").live_instances == 2


def test_who_said_nothing_for_a_minute_is_not_there_any_more(store: Store) -> None:
    store.tell("api-1")
    store.advance(59.999)
    store.tell("api-2")
    assert {one.id for one in store.state.read("geocoder").instances} == {"api-1", "api-2"}
    store.advance(0.001)
    store.tell("api-3")
    assert {one.id for one in store.state.read("geocoder").instances} == {"api-2", "api-3"}


def test_a_circuit_is_not_forgotten_while_somebody_spoke_of_it_of_late(store: Store) -> None:
    store.tell("api-1")
    store.advance(3.0)
    store.state.leave("api-2", ("geocoder",), ends=False)
    assert store.state.read("geocoder").known
    store.advance(0.001)
    store.state.leave("api-2", ("geocoder",), ends=False)
    assert not store.state.read("geocoder").known
    assert store.state.names() == []
    store.tell("api-3", title="")
    assert [named.title for named in store.state.names()] == [""]


def test_a_process_of_the_same_name_that_begins_anew_is_heard(store: Store) -> None:
    for _ in range(3):
        store.tell("api-1")
    store.state.leave("api-1", ("geocoder",))
    store.begin_anew("api-1")
    store.tell("api-1", tallies=(good(2),))
    reading = store.state.read("geocoder")
    assert sum(ok for ok, _, _ in reading.bars) == 2
    assert [(one.id, one.role) for one in reading.instances] == [("api-1", "api")]


def test_a_name_that_nobody_said_for_a_day_is_forgotten_with_its_title(store: Store) -> None:
    assert store.state.names() == []
    store.tell(name="mail", title="Mail")
    store.advance(86_400.0)
    store.tell()
    store.tell(name="mail", title="")
    assert [(named.name, named.title) for named in store.state.names()] == [("geocoder", "Geocoder"), ("mail", "")]


def test_now_is_the_servers_own_millisecond(shared: SharedState) -> None:
    script = shared.script("now", redis_state._text("now") + "\nreturn now")
    for _ in range(100):
        before, now, after = _milliseconds(shared), script([], []), _milliseconds(shared)
        assert before <= now <= after


def _milliseconds(shared: SharedState) -> int:
    seconds, microseconds = shared.client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


REMEMBERED = SharedCircuit(State.OPEN, 9, 50.0, 3, 4.0, "window")


def test_a_reset_that_this_process_has_not_heard_of_closes_what_it_remembers(store: Store) -> None:
    store.state.control("geocoder", Slot.RESET, Order("reset", 1, "act-1"), "operator_reset")
    circuit = store.tell(known=REMEMBERED).circuit
    assert (circuit.state, circuit.epoch, circuit.rounds, circuit.left_seconds, circuit.age_seconds) == (State.CLOSED, 10, 0, 0.0, 0.0)
    store.advance(2.0)
    assert store.tell().circuit.age_seconds == 2.0


def test_a_reset_that_this_process_has_followed_leaves_what_it_remembers(store: Store) -> None:
    reset = Order("reset", 1, "act-1")
    store.state.control("geocoder", Slot.RESET, reset, "operator_reset")
    circuit = store.tell(known=REMEMBERED, orders={Slot.RESET: reset}).circuit
    assert (circuit.state, circuit.epoch, circuit.rounds, circuit.left_seconds) == (State.OPEN, 9, 3, 50.0)


def test_a_bad_probe_says_why_the_circuit_is_open_again_and_takes_all_leave_to_probe(store: Store) -> None:
    policy = replace(POLICY, concurrent_probes=2)
    (token,) = store.half_open(policy=policy).tokens
    store.tell("api-2", wants_probe=True, policy=policy)
    reply = store.tell("api-1", reports=(ProbeReport(token, 2, False),), policy=policy)
    assert (reply.circuit.cause, store.causes()[-1]) == ("probe_failed", "probe_failed")
    store.advance(12.0)  # the lease of api-2 would have lasted for twenty
    assert [len(store.tell(who, wants_probe=True, policy=policy).tokens) for who in ("api-3", "api-4")] == [1, 1]


def test_a_lease_that_reaches_two_of_its_lengths_ahead_still_counts(store: Store) -> None:
    store.half_open()
    store.advance(-POLICY.lease_seconds)
    reply = store.tell("api-2", wants_probe=True)
    assert (reply.tokens, reply.quiet_seconds) == ((), 2 * POLICY.lease_seconds)


def test_what_would_have_opened_is_told_again_after_a_reset(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("metrics_only", 1, "act-1"), "operator")
    for act in range(2, 4):
        store.tell("api-1", tallies=(bad(9),), policy=ANYBODY)
        store.state.control("geocoder", Slot.RESET, Order("reset", act, f"act-{act}"), "operator_reset")
    assert store.causes().count("would_open") == 2


def test_a_reset_of_a_circuit_that_nobody_has_spoken_of_is_its_last_move(store: Store) -> None:
    store.state.control("geocoder", Slot.RESET, Order("reset", 1, "act-1"), "operator_reset")
    store.advance(3.0)
    assert store.tell().circuit.age_seconds == 3.0
