"""The rules of the fleet in Python and in the scripts of a real server."""

from __future__ import annotations

from tests.support.processes import TRIALS
from tests.support.valkey import TestServer
from tests.unit.resilience.differential import alike


def test_reducer_and_scripts_make_the_same_of_any_story(valkey_server: TestServer) -> None:
    alike(valkey_server.url, examples=14 * TRIALS, steps=30)
