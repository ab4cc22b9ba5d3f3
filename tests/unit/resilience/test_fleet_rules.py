"""The rules of the fleet in Python and in the scripts of a real server."""

from __future__ import annotations

from backend.storage.shared import SharedState
from tests.support.processes import TRIALS
from tests.unit.resilience.differential import alike


def test_reducer_and_scripts_make_the_same_of_any_story(shared: SharedState) -> None:
    alike(shared, examples=14 * TRIALS, steps=30)
