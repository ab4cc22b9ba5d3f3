"""The reducer and the scripts of a real server, driven by the same events under one stepped clock, compared after each."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from backend.resilience import fleet_exchange
from backend.resilience.circuit_state import State
from backend.resilience.fleet_exchange import Fleet
from backend.resilience.fleet_reading import reading_of
from backend.resilience.fleet_record import Event, FleetCircuit
from backend.resilience.orders import Order, OverrideKind, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.resilience.shared_state import (
    Batch,
    Exchange,
    Happening,
    LocalMove,
    ProbeReport,
    Question,
    Reply,
    SharedCircuit,
    Tally,
)
from backend.storage.shared import SharedState
from tests.unit.resilience.fleets import patient

PREFIX = "cb:{d}"
CLOCK = f"local now = tonumber(redis.call('GET', '{PREFIX}:now'))"
NAMES = ("geocoder", "mail")
WHO = ("api-1", "api-2", "api-3", "console-1")
TITLES = {"api-2": "By another title", "api-3": ""}
BEGIN = 1_767_000_000_000
POLICIES = (  # durations far beyond the test's own, as the server's expiries run by its real clock
    Policy(window_seconds=300, slots=10, minimum_calls=4, wait_seconds=50, longest_wait_seconds=120, lease_seconds=60, probes=2),
    Policy(window_seconds=300, slots=3, minimum_calls=2, minimum_reporters=1, wait_seconds=40, jitter=0.0, lease_seconds=90, probes=1),
    Policy(window_seconds=200, slots=8, minimum_calls=3, minimum_reporters=3, wait_seconds=7.3, lease_seconds=45, concurrent_probes=2),
)
STEPS = (
    0,
    1,
    99,
    100,
    299,
    300,
    2_999,
    3_000,
    7_300,
    25_000,
    45_000,
    50_000,
    59_999,
    60_000,
    61_000,
    300_000,
    86_400_000,
    -700,
    -3_600_000,
)
LONG = "x" * 65

milliseconds = st.sampled_from(STEPS)
durations = st.sampled_from([step for step in STEPS if step >= 0])
counts = st.integers(0, 3)
tallies = st.builds(
    lambda age, epoch, ok, bad, slow: (age, epoch, ok, bad, slow),
    st.sampled_from((0, 0, 0, 100, 31_000, 299_999, 400_000)),
    st.sampled_from(("held", "held", "held", "unknown", "display", "other")),
    counts,
    counts,
    counts,
)
bodies = {
    Slot.OVERRIDE: st.sampled_from([kind.value for kind in OverrideKind]),
    Slot.POLICY: st.sampled_from(["", "{}", LONG]),
    Slot.FAULT: st.sampled_from(["", '{"latency_seconds":1}', LONG + LONG]),
    Slot.RESET: st.just("reset"),
}


@st.composite
def orders(draw: st.DrawFn, highest: int = 6) -> tuple[Slot, Order]:
    slot = draw(st.sampled_from(list(Slot)))
    left = draw(st.sampled_from((None, 0, 1, 3_000, 60_000, 600_000)))
    return slot, Order(
        body=draw(bodies[slot]),
        epoch=draw(st.integers(1, highest)),
        act=draw(st.sampled_from("abc")),
        left_seconds=None if left is None else left / 1000,
        age_seconds=draw(st.sampled_from((0, 5, 70_000))) / 1000,
    )


class Process:
    """What one process remembers of one circuit; it forgets nothing but by ``restarted``."""

    def __init__(self, title: str) -> None:
        self.circuit = SharedCircuit()
        self.orders: dict[Slot, Order] = {}
        self.tokens: tuple[str, ...] = ()
        self.lacking: frozenset[Slot] = frozenset()
        self.title = title

    def adopt(self, reply: Reply) -> None:
        self.circuit, self.tokens, self.lacking = reply.circuit, reply.tokens, reply.lacks
        self.orders.update(reply.orders)


class RulesAlike(RuleBasedStateMachine):
    """Subclassed by ``alike`` with a server to run on."""

    shared: SharedState

    @initialize()
    def begin(self) -> None:
        self.now = BEGIN
        self.client = self.shared.client
        self.lua = RedisState(self.shared, PREFIX, clock=CLOCK)
        self.forget()
        self.sequences = dict.fromkeys(WHO, 0)
        self.processes = {(who, name): Process(TITLES.get(who, name.title())) for who in WHO for name in NAMES}

    # -- events -----------------------------------------------------------------------------------------------------

    @rule(step=milliseconds)
    def time_passes(self, step: int) -> None:
        self.now += step
        self.client.set(f"{PREFIX}:now", self.now)

    @rule(
        who=st.sampled_from(WHO),
        names=st.sampled_from((("geocoder",), ("geocoder", "mail"))),
        policy=st.sampled_from((*POLICIES[:1] * 4, *POLICIES)),
        told=st.lists(tallies, max_size=3),
        want=st.booleans(),
        good=st.sampled_from((True, True, False, None)),
        gives_back=st.sampled_from((False, False, False, True)),
        chance=st.floats(0, 1, exclude_max=True),
        delay=st.sampled_from((0, 0, 0, 100, 299_999)),
        repeated=st.sampled_from((False, False, False, True)),
        moves=st.booleans(),
    )
    def a_process_exchanges(
        self,
        who: str,
        names: tuple[str, ...],
        policy: Policy,
        told: list[Any],
        want: bool,
        good: bool | None,
        gives_back: bool,
        chance: float,
        delay: int,
        repeated: bool,
        moves: bool,
    ) -> None:
        questions = tuple(self._question(who, name, policy, told, want, good, gives_back, chance, moves) for name in names)
        self.sequences[who] += 0 if repeated else 1
        self._exchange(Exchange(who, who.split("-")[0], self.sequences[who], questions, delay / 1000, "astrolabe"))

    @rule(who=st.sampled_from(WHO), bad=st.integers(1, 4), slow=st.integers(0, 4), policy=st.sampled_from(POLICIES))
    def a_process_saw_trouble(self, who: str, bad: int, slow: int, policy: Policy) -> None:
        self._flush(who, policy, told=[(0, "held", 0, bad, slow)])

    @precondition(lambda self: self.circuit.state is State.OPEN)
    @rule(who=st.sampled_from(WHO), early=st.sampled_from((0, 0, 0, 1)), policy=st.sampled_from(POLICIES))
    def the_wait_is_over(self, who: str, early: int, policy: Policy) -> None:
        self.time_passes(max(0, self.circuit.until - early - self.now))
        self._flush(who, policy, want=True)

    @precondition(lambda self: self.circuit.state is State.HALF_OPEN)
    @rule(who=st.sampled_from(WHO), policy=st.sampled_from(POLICIES))
    def a_process_wants_to_probe(self, who: str, policy: Policy) -> None:
        self._flush(who, policy, want=True)

    @precondition(lambda self: self.holders())
    @rule(data=st.data(), good=st.sampled_from((True, True, False)), policy=st.sampled_from(POLICIES), want=st.booleans())
    def a_probe_ends(self, data: st.DataObject, good: bool, policy: Policy, want: bool) -> None:
        self._flush(data.draw(st.sampled_from(self.holders())), policy, good=good, want=want)

    @precondition(lambda self: self.holders())
    @rule(early=st.sampled_from((0, 0, 1)))
    def a_lease_runs_out(self, early: int) -> None:
        self.time_passes(max(0, max(self.circuit.leases.values(), default=self.now) - early - self.now))

    @rule(name=st.sampled_from(NAMES), kind=st.sampled_from(list(OverrideKind)), left=st.sampled_from((None, None, 60_000)))
    def an_operator_overrides(self, name: str, kind: OverrideKind, left: int | None) -> None:
        epoch = self.fleet.circuit(name).order(Slot.OVERRIDE).epoch + 1
        self.an_operator_orders(name, (Slot.OVERRIDE, Order(kind, epoch, f"act-{epoch}", None if left is None else left / 1000)), kind)

    @rule(
        who=st.sampled_from(WHO),
        epoch=st.integers(-1, 9),
        state=st.sampled_from(list(State)),
        rounds=st.integers(0, 40),
        left=durations,
        age=durations,
        remembered=st.lists(orders(highest=9), max_size=3),
    )
    def a_process_remembers_otherwise(
        self, who: str, epoch: int, state: State, rounds: int, left: int, age: int, remembered: list[tuple[Slot, Order]]
    ) -> None:
        process = self.processes[who, "geocoder"]
        process.circuit = SharedCircuit(state, epoch, left / 1000, rounds, age / 1000)
        process.orders |= dict(remembered)
        self.sequences[who] += 1
        question = self._question(who, "geocoder", POLICIES[0], [], False, None, False, 0.5, False)
        self._exchange(Exchange(who, "api", self.sequences[who], (question,)))

    @rule(name=st.sampled_from(NAMES), ordered=orders(), cause=st.sampled_from(("isolated", "released", "reset")))
    def an_operator_orders(self, name: str, ordered: tuple[Slot, Order], cause: str) -> None:
        slot, order = ordered
        verdict = self.lua.control(name, slot, order, cause)
        self.fleet, expected, events = fleet_exchange.control(self.fleet, name, slot, order, cause, self.now)
        assert verdict == expected
        self._compare(events)

    @rule(who=st.sampled_from(WHO), ends=st.booleans())
    def a_process_leaves(self, who: str, ends: bool) -> None:
        self.lua.leave(who, NAMES, ends=ends)
        self.fleet = fleet_exchange.leave(self.fleet, who, NAMES, ends, self.now)
        self._compare(())

    @rule(forgotten=st.sampled_from((False, False, True)))
    def the_store_forgets(self, forgotten: bool) -> None:
        if forgotten:
            self.forget()

    @property
    def circuit(self) -> FleetCircuit:
        return self.fleet.circuit("geocoder")

    def holders(self) -> list[str]:
        return [who for who in WHO if self.processes[who, "geocoder"].tokens and self.circuit.leases]

    def forget(self) -> None:
        for key in self.client.keys(f"{PREFIX}:*"):
            self.client.delete(key)
        self.client.set(f"{PREFIX}:now", self.now)
        self.fleet, self.seen = Fleet(), 0

    # -- comparing --------------------------------------------------------------------------------------------------

    def _question(
        self,
        who: str,
        name: str,
        policy: Policy,
        told: list[Any],
        want: bool,
        good: bool | None,
        gives_back: bool,
        chance: float,
        moves: bool,
    ) -> Question:
        process = self.processes[who, name]
        epochs = {"held": process.circuit.epoch, "unknown": -1, "display": -2, "other": process.circuit.epoch + 1}
        told_tallies = tuple(Tally(age / 1000, epochs[epoch], ok, bad, slow, (ok + bad,) * 10) for age, epoch, ok, bad, slow in told)
        probed = process.tokens if good is not None else ()
        batch = Batch(
            told_tallies,
            tuple(ProbeReport(token, process.circuit.epoch, bool(good)) for token in probed),
            (LocalMove(State.CLOSED, State.OPEN, "process_window", 1),) if moves else (),
            (Happening("refused", "circuit_open", 2),) if moves else (),
        )
        held = () if good is not None or gives_back else process.tokens
        released = process.tokens if gives_back else ()
        return Question(
            name, policy, batch, process.circuit, process.orders, State.CLOSED, want, held, released, chance, process.lacking, process.title
        )

    def _flush(self, who: str, policy: Policy, *, told: Any = (), want: bool = False, good: bool | None = None) -> None:
        self.sequences[who] += 1
        question = self._question(who, "geocoder", policy, told, want, good, False, 0.25, False)
        self._exchange(Exchange(who, who.split("-")[0], self.sequences[who], (question,), 0.0, "astrolabe"))

    def _exchange(self, exchange: Exchange) -> None:
        replies = self.lua.exchange(exchange)
        self.fleet, expected, events = fleet_exchange.flush(self.fleet, exchange, self.now)
        assert replies == expected
        for question in exchange.questions:
            self.processes[exchange.instance, question.name].adopt(replies[question.name])
            assert len(self.fleet.circuit(question.name).leases) <= max(policy.concurrent_probes for policy in POLICIES)
        self._compare(events)

    def _compare(self, events: tuple[Event, ...]) -> None:
        moves = self.lua.transitions(None, 500)
        written = [Event(m.circuit, m.source, m.target, m.cause, m.instance, m.epoch, m.slot) for m in reversed(moves)]
        assert written[self.seen :] == list(events)
        self.seen = len(written)
        for name in NAMES:
            circuit = self.fleet.circuit(name)
            assert self.lua.read(name) == reading_of(circuit, self.fleet.roles, self.now)
            assert kept_of(self.client, name) == facts(circuit)
        assert shared_of(self.client) == shared_facts(self.fleet)


def facts(circuit: FleetCircuit) -> dict[str, Any]:
    """What is kept beside that which people are told."""
    return {
        "decisive": {start: ",".join(map(str, amounts)) for start, amounts in circuit.decisive.items()},
        "reporters": dict(circuit.reporters),
        "callers": dict(circuit.callers),
        "leases": dict(circuit.leases),
        "alone": circuit.alone,
        "would": circuit.would,
        "leased": circuit.leased,
        "at": circuit.at,
        "until": circuit.until,
        "acks": dict(circuit.acks),
        "present": dict(circuit.present),
    }


def shared_facts(fleet: Fleet) -> dict[str, Any]:
    """What is kept of all circuits together."""
    return {
        "seen": dict(fleet.seen),
        "sequences": dict(fleet.sequences),
        "roles": dict(fleet.roles),
        "heard": {name: heard.at for name, heard in fleet.names.items()},
        "names": {name: f"{heard.title}\n{heard.service}" for name, heard in fleet.names.items()},
    }


def shared_of(client: Any) -> dict[str, Any]:
    asked = client.pipeline(transaction=False)
    for part in ("in", "ix"):
        asked.zrange(f"{PREFIX}:{part}", 0, -1, withscores=True)
    for part in ("sq", "id", "nm"):
        asked.hgetall(f"{PREFIX}:{part}")
    seen, heard, sequences, roles, names = asked.execute()
    return {
        "seen": {who: int(at) for who, at in seen},
        "sequences": {who: int(number) for who, number in sequences.items()},
        "roles": roles,
        "heard": {name: int(at) for name, at in heard},
        "names": names,
    }


def kept_of(client: Any, name: str) -> dict[str, Any]:
    asked = client.pipeline(transaction=False)
    asked.hgetall(f"{PREFIX}:{name}:d")
    for part in ("rp", "cl", "ls", "pr"):
        asked.zrange(f"{PREFIX}:{name}:{part}", 0, -1, withscores=True)
    asked.hgetall(f"{PREFIX}:{name}:ak")
    asked.hmget(f"{PREFIX}:{name}:st", "alone", "would", "leases", "at", "until")
    decisive, reporters, callers, leases, present, acks, (alone, would, leased, at, until) = asked.execute()
    return {
        "decisive": {int(start): text for start, text in decisive.items()},
        "reporters": {who: int(seen) for who, seen in reporters},
        "callers": {who: int(seen) for who, seen in callers},
        "leases": {token: int(ends) for token, ends in leases},
        "alone": int(alone or 0),
        "would": int(would or 0),
        "leased": int(leased or 0),
        "at": None if at is None else int(at),
        "until": int(until or 0),
        "acks": acks,
        "present": {who: int(seen) for who, seen in present},
    }


def alike(shared: SharedState, examples: int, steps: int = 40) -> None:
    """Fails with the shortest story found in which the two differ."""
    machine = type("Alike", (RulesAlike,), {"shared": patient(shared)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
