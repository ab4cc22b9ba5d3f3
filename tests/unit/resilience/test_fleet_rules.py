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
