"""The rules of the fleet in Python and in the scripts of a real server."""

from __future__ import annotations

from backend.resilience.circuit_state import State
from backend.resilience.fleet_exchange import Fleet, flush
from backend.resilience.policy import Policy
from backend.resilience.shared_state import UNKNOWN_EPOCH, Batch, Exchange, Question, SharedCircuit, Tally
from backend.storage.shared import SharedState
from tests.support.processes import TRIALS
from tests.unit.resilience.differential import BEGIN, alike


def test_reducer_and_scripts_make_the_same_of_any_story(shared: SharedState) -> None:
    alike(shared, examples=14 * TRIALS, steps=30)


def test_what_left_the_window_is_thrown_away() -> None:
    policy, fleet = Policy(window_seconds=10, slots=10, minimum_calls=1000), Fleet()
    for second in range(60):
        batch = Batch((Tally(0.0, UNKNOWN_EPOCH, 0, 1, 0, (1,) * 10),))
        question = Question("geocoder", policy, batch, SharedCircuit(), {}, State.CLOSED)
        fleet, _, _ = flush(fleet, Exchange(f"api-{second}", "api", 1, (question,), 0.0, "astrolabe"), BEGIN + second * 1000)
    circuit = fleet.circuit("geocoder")
    assert [len(part) for part in (circuit.shown, circuit.decisive, circuit.callers, circuit.reporters)] == [10] * 4


def _told_by(role: str, fleet: Fleet, at: int, who: str = "api-1") -> Fleet:
    return flush(fleet, Exchange(who, role, at, (), 0.0, "astrolabe"), BEGIN + at)[0]


def test_who_is_there_is_written_down_twice_a_second() -> None:
    fleet = _told_by("api", Fleet(), 1)
    for at, role in ((1, "api"), (500, "api"), (501, "worker")):
        assert _told_by("worker", fleet, at).roles == {"api-1": role}


def test_who_was_silent_for_a_minute_is_forgotten() -> None:
    fleet = _told_by("api", Fleet(), 1)
    for at, left in ((60_000, {"api-1", "api-2"}), (60_001, {"api-2"})):
        after = _told_by("api", fleet, at, "api-2")
        assert [set(part) for part in (after.seen, after.roles, after.sequences)] == [left] * 3
