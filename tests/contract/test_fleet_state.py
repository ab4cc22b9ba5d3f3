"""The fleet's state on a real Valkey and in memory: one behaviour, whatever keeps it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.resilience.circuit_state import State
from backend.resilience.memory_state import MemoryState
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.readings import Named
from backend.resilience.redis_state import RedisFeed, RedisState
from backend.resilience.shared_state import (
    Batch,
    Exchange,
    Happening,
    LocalMove,
    OrderFeed,
    ProbeReport,
    Question,
    Reply,
    SharedCircuit,
    Tally,
)
from tests.support.clock import ManualClock
from tests.support.threads import at_once
from tests.support.valkey import shared, valkey_server
from tests.unit.resilience.fleets import BY_KEY, NOW, patient

__all__ = ["shared", "valkey_server"]

POLICY = Policy(minimum_calls=4, wait_seconds=5.0, jitter=0.2, lease_seconds=20.0, probes=2)
LONG = '{"circuit": {' + " " * 200 + "}}"


class Store:
    """A state under a clock that moves when told to, and processes that ask it."""

    def __init__(self, state: Any, feed: Callable[[], OrderFeed], clock: ManualClock, moved: Callable[[float], object]) -> None:
        self.state = state
        self.feed = feed
        self._clock = clock
        self._moved = moved
        self._sequences: dict[str, int] = {}
        self.advance(0)

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)
        self._moved(self._clock.now().timestamp())

    def tell(self, who: str = "api-1", *, repeated: bool = False, delay: float = 0.0, **words: Any) -> Reply:
        self._sequences[who] = self._sequences.get(who, 0) + (0 if repeated else 1)
        batch = {word: words.pop(word) for word in ("tallies", "reports", "moves", "happenings") if word in words}
        plain = Question("geocoder", POLICY, Batch(), SharedCircuit(), {}, State.CLOSED, title="Geocoder")
        question = replace(plain, batch=Batch(**batch), **words)
        reply = self.state.exchange(Exchange(who, "api", self._sequences[who], (question,), delay, "astrolabe"))[question.name]
        assert isinstance(reply, Reply)
        return reply

    def begin_anew(self, who: str) -> None:
        """A new process of that name: it numbers its exchanges from the first."""
        del self._sequences[who]

    def open(self) -> Reply:
        self.tell("api-1", tallies=(bad(3),))
        return self.tell("api-2", tallies=(bad(3),))

    def half_open(self, who: str = "api-1", **words: Any) -> Reply:
        self.open()
        self.advance(6.0)
        return self.tell(who, wants_probe=True, **words)

    def causes(self) -> list[str]:
        return [move.cause for move in reversed(self.state.transitions("geocoder", 100))]


@pytest.fixture(params=["valkey", "memory"])
def store(request: pytest.FixtureRequest, clock: ManualClock) -> Store:
    if request.param == "memory":
        memory = MemoryState(clock)
        return Store(memory, memory.feed, clock, lambda _: None)
    connection = patient(request.getfixturevalue("shared"))
    state = RedisState(connection, clock=BY_KEY)
    return Store(state, lambda: RedisFeed(connection.following()), clock, lambda at: connection.client.set(NOW, int(at * 1000)))


def bad(count: int, epoch: int = -1, age: float = 0.0) -> Tally:
    return Tally(age, epoch, 0, count, 0, (count,) * 10)


def good(count: int, epoch: int = -1) -> Tally:
    return Tally(0.0, epoch, count, 0, 0, (count,) * 10)


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


# -- orders -------------------------------------------------------------------------------------------------------------


def test_an_order_is_fenced_by_its_epoch_and_known_by_its_act(store: Store) -> None:
    def told(epoch: int, act: str, slot: Slot = Slot.OVERRIDE) -> str:
        return str(store.state.control("geocoder", slot, Order("isolated", epoch, act, 60.0), "isolated"))

    assert [told(2, "b"), told(2, "b"), told(1, "a"), told(2, "c"), told(3, "d")] == ["applied", "same", "stale", "stale", "applied"]
    assert told(1, "f", Slot.FAULT) == "applied"  # each slot counts by itself
    assert store.causes() == ["isolated", "isolated"]


def test_orders_are_told_to_whom_they_are_news(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("metrics_only", 1, "a", 60.0, 2.0), "metrics_only")
    store.state.control("geocoder", Slot.POLICY, Order(LONG, 1, "p"), "policy")
    store.advance(1.0)
    orders = {Slot.OVERRIDE: Order("metrics_only", 1, "a", 59.0, 3.0), Slot.POLICY: Order(LONG, 1, "p", None, 1.0)}
    assert store.tell().orders == orders
    assert store.tell(orders=orders).orders == {}
    assert store.tell(orders=orders | {Slot.POLICY: Order(LONG, 1, "another")}).orders == {Slot.POLICY: orders[Slot.POLICY]}


def test_an_order_is_over_when_its_time_is_and_says_so(store: Store) -> None:
    store.state.control("geocoder", Slot.FAULT, Order('{"error_ratio": 1}', 1, "f", 3.0), "fault")
    store.advance(4.0)
    assert store.tell().orders[Slot.FAULT].left_seconds == 0.0
    assert store.state.read("geocoder").order(Slot.FAULT).left_seconds == 0.0


def test_instances_say_which_orders_they_hold(store: Store) -> None:
    store.tell("api-1", orders={Slot.POLICY: Order("{}", 4, "p"), Slot.RESET: Order("reset", 2, "r")}, local=State.OPEN)
    (instance,) = store.state.read("geocoder").instances
    assert (instance.id, instance.role, instance.state, instance.lag_seconds) == ("api-1", "api", "open", 0.0)
    assert instance.epochs == {Slot.OVERRIDE: 0, Slot.POLICY: 4, Slot.FAULT: 0, Slot.RESET: 2}


def test_a_reset_closes_and_forgets_all_that_was_counted(store: Store) -> None:
    (token,) = store.half_open().tokens
    assert store.state.control("geocoder", Slot.RESET, Order("reset", 1, "r"), "reset") == "applied"
    reading = store.state.read("geocoder")
    assert (reading.circuit.state, reading.circuit.epoch, reading.circuit.rounds) == (State.CLOSED, 3, 0)
    assert sum(sum(bar) for bar in reading.bars) == 0
    assert store.tell("api-1", held=(token,), reports=(ProbeReport(token, 2, False),)).circuit.state is State.CLOSED
    assert store.causes()[-1] == "reset"


def test_a_disabled_circuit_shows_its_calls_and_never_opens(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("disabled", 1, "a"), "disabled")
    assert store.open().circuit.state is State.CLOSED
    assert sum(bad for _, bad, _ in store.state.read("geocoder").bars) == 6
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 2, "b"), "released")
    assert store.tell("api-1", tallies=(good(1),)).circuit.state is State.CLOSED


def test_metrics_only_tells_once_a_wait_that_it_would_have_opened(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("metrics_only", 1, "a"), "metrics_only")
    for _ in range(3):
        assert store.open().circuit.state is State.CLOSED
    assert store.causes() == ["metrics_only", "would_open"]
    store.advance(5.0)
    store.open()
    assert store.causes() == ["metrics_only", "would_open", "would_open"]
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 2, "b"), "released")
    assert store.open().circuit.state is State.OPEN


def test_an_override_says_in_the_history_what_calls_met_before_and_after(store: Store) -> None:
    store.open()
    store.state.control("geocoder", Slot.OVERRIDE, Order("forced_open", 5, "a"), "forced_open")
    store.state.control("geocoder", Slot.OVERRIDE, Order("none", 6, "b"), "released")
    released, forced = store.state.transitions("geocoder", 2)
    assert (forced.source, forced.target, forced.epoch, forced.slot) == ("open", "forced_open", 5, "override")
    assert (released.source, released.target, released.epoch, released.slot) == ("forced_open", "open", 6, "override")


def test_an_override_of_a_later_version_is_kept_and_changes_no_rule(store: Store) -> None:
    store.state.control("geocoder", Slot.OVERRIDE, Order("throttled", 1, "a"), "throttled")
    assert store.open().circuit.state is State.OPEN
    assert store.tell().orders[Slot.OVERRIDE].body == "throttled"


def test_who_listens_hears_of_each_order_that_is_applied(store: Store) -> None:
    feed = store.feed()
    cursor = feed.newest()
    assert feed.after(cursor, 0.01) == (cursor, frozenset())
    store.state.control("geocoder", Slot.POLICY, Order("{}", 2, "p"), "policy")
    store.state.control("geocoder", Slot.POLICY, Order("{}", 1, "o"), "policy")
    store.state.control("mail", Slot.RESET, Order("reset", 1, "r"), "reset")
    after, names = feed.after(cursor, 1.0)
    assert names == {"geocoder", "mail"}
    assert feed.after(after, 0.01) == (after, frozenset())
    assert feed.newest() == after
    feed.close()


# -- what was forgotten -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.OPEN, State.HALF_OPEN])
def test_what_processes_remember_outlives_the_store(store: Store, state: State) -> None:
    known = SharedCircuit(state, 7, 3.0, 2, 9.0)
    reply = store.tell(known=known, orders={Slot.OVERRIDE: Order("isolated", 4, "a", 60.0)})
    assert (reply.circuit.state, reply.circuit.epoch, reply.circuit.rounds) == (State.OPEN, 7, 2)
    assert (reply.circuit.left_seconds, reply.circuit.age_seconds) == (3.0, 9.0)
    assert store.state.read("geocoder").order(Slot.OVERRIDE) == Order("isolated", 4, "a", 60.0)
    assert [(move.source, move.cause) for move in store.state.transitions(None, 5)] == [("forgotten", "reseeded")]
    store.tell("api-2", known=known)
    assert store.causes() == ["reseeded"]


def test_a_closed_circuit_that_was_forgotten_is_told_as_such_once(store: Store) -> None:
    store.tell("api-1", known=SharedCircuit(State.CLOSED, 0))
    store.tell("api-2", known=SharedCircuit(State.CLOSED, 0))
    assert store.causes() == ["reseeded"]
    store.tell("api-3", name="mail")
    assert store.state.transitions("mail", 5) == []


def test_a_long_body_is_told_when_it_is_asked_for(store: Store) -> None:
    orders = {Slot.POLICY: Order(LONG, 3, "p")}
    reply = store.tell(orders=orders)
    assert reply.lacks == {Slot.POLICY}
    assert store.tell(orders=orders, lacking=reply.lacks).lacks == frozenset()
    assert store.state.read("geocoder").order(Slot.POLICY).body == LONG


def test_a_reset_beats_the_memory_of_processes_that_have_not_heard_of_it(store: Store) -> None:
    store.state.control("geocoder", Slot.RESET, Order("reset", 1, "r"), "reset")
    reply = store.tell(known=SharedCircuit(State.OPEN, 7, 30.0))
    assert (reply.circuit.state, reply.circuit.epoch) == (State.CLOSED, 8)


# -- who is there, and what is read -------------------------------------------------------------------------------------


def test_live_instances_are_those_that_spoke_of_late(store: Store) -> None:
    for who in ("api-1", "api-2", "api-3"):
        store.tell(who)
    store.state.leave("api-3", ("geocoder",))
    assert store.tell("api-1").live_instances == 0  # counted twice a second
    store.advance(0.5)
    assert store.tell("api-1").live_instances == 2
    store.advance(2.501)
    assert store.tell("api-1").live_instances == 1
    assert [one.id for one in store.state.read("geocoder").instances] == ["api-2", "api-1"]
    store.advance(57.0)
    store.tell("api-1")
    assert [one.id for one in store.state.read("geocoder").instances] == ["api-1"]


def test_a_process_may_leave_one_circuit_and_stay_in_another(store: Store) -> None:
    store.tell(name="geocoder")
    store.tell("api-2", name="mail")
    store.tell(name="mail")
    store.state.leave("api-1", ("mail",), ends=False)
    assert [[one.id for one in store.state.read(name).instances] for name in ("geocoder", "mail")] == [["api-1"], ["api-2"]]
    assert store.state.read("geocoder").instances[0].role == "api"


def test_a_blank_circuit_that_its_last_process_lets_go_is_forgotten(store: Store) -> None:
    for name in ("tenant-1", "tenant-2", "tenant-3"):
        store.tell(name=name)
    store.tell("api-2", name="tenant-2")
    store.state.control("tenant-3", Slot.POLICY, Order("{}", 1, "p"), "policy")
    store.open()
    store.state.leave("api-1", ("tenant-1", "tenant-2", "tenant-3", "geocoder"), ends=False)
    store.state.leave("api-2", ("geocoder",), ends=False)
    assert [store.state.read(name).known for name in ("tenant-1", "tenant-2", "tenant-3", "geocoder")] == [False, True, True, True]
    assert {named.name for named in store.state.names()} == {"tenant-2", "tenant-3", "geocoder"}


def test_a_circuit_whose_processes_all_ended_is_remembered(store: Store) -> None:
    store.tell()
    store.state.leave("api-1", ("geocoder",))
    assert store.state.read("geocoder").known
    assert [named.name for named in store.state.names()] == ["geocoder"]


def test_every_circuit_of_every_service_is_named(store: Store) -> None:
    store.tell(name="mail", title="Mail")
    store.advance(5.0)
    store.tell(name="geocoder", title="")
    assert store.state.names() == [Named("mail", "Mail", "astrolabe", 5.0), Named("geocoder", "", "astrolabe", 0.0)]
    store.advance(86_395.0)
    store.tell(name="geocoder", title="Geocoder")
    assert store.state.names() == [Named("geocoder", "Geocoder", "astrolabe", 0.0)]


def test_of_a_circuit_that_nobody_told_of_nothing_is_known(store: Store) -> None:
    reading = store.state.read("nobody")
    assert (reading.known, reading.bars, reading.policy, reading.p95_seconds, reading.instances) == (False, (), None, None, ())


def test_a_reading_says_by_which_figures_the_circuit_goes(store: Store) -> None:
    store.tell()
    policy = store.state.read("geocoder").policy
    assert Policy(**policy) == POLICY


def test_the_history_is_read_in_pages_of_one_circuit_or_all(store: Store) -> None:
    for number in range(1, 8):
        for name in ("geocoder", "mail"):
            store.state.control(name, Slot.OVERRIDE, Order("isolated", number, f"{number}"), "isolated")
    first = store.state.transitions("mail", 3)
    second = store.state.transitions("mail", 3, first[-1].id)
    assert [move.epoch for move in first + second] == [7, 6, 5, 4, 3, 2]
    assert [move.circuit for move in store.state.transitions(None, 3, second[-1].id)] == ["geocoder", "mail", "geocoder"]
    assert store.state.transitions("nobody", 3) == []


def test_happenings_are_kept_with_their_sums_and_once(store: Store) -> None:
    happened = (Happening("refused", "circuit_open", 12), Happening("retried", "", 1))
    store.tell(happenings=happened)
    store.tell(happenings=happened, repeated=True)
    lines = store.state.happenings("geocoder", 10)
    assert [(line.kind, line.detail, line.count, line.instance) for line in lines] == [
        ("retried", "", 1, "api-1"),
        ("refused", "circuit_open", 12, "api-1"),
    ]
    assert store.state.happenings("mail", 10) == []
    assert [line.kind for line in store.state.happenings(None, 10, lines[0].id)] == ["refused"]


def test_a_processs_own_moves_are_told_while_the_fleets_circuit_is_closed(store: Store) -> None:
    own = (LocalMove(State.CLOSED, State.OPEN, "process_window", 1),)
    store.tell(moves=own)
    store.open()
    store.tell(moves=own)
    assert store.causes() == ["process_window", "window"]


def test_a_name_that_may_not_become_a_key_is_refused(store: Store) -> None:
    for refused in (lambda: store.state.read("a:b"), lambda: store.state.control("A", Slot.RESET, Order("reset", 1), "reset")):
        with pytest.raises(ValueError, match="name"):
            refused()


def test_orders_given_at_once_are_applied_once_each(store: Store) -> None:
    order = Order("isolated", 1, "the-act")
    verdicts = at_once(*[lambda: store.state.control("geocoder", Slot.OVERRIDE, order, "isolated")] * 4)
    assert sorted(verdicts) == ["applied", "same", "same", "same"]


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
