"""Trials of the supervisor and its children."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "orphans": Trial.of_tests(
        "Whenever the supervisor is ended, by SIGTERM or SIGKILL, nothing of it is left 5 s later (25 rounds of each).",
        ("tests/processes/test_run.py::test_whenever_the_supervisor_ends_so_does_everything",),
        50,
    ),
    "valkey": Trial.of_tests(
        "Killed 20 times, the embedded Valkey has every acknowledged write after its restart, and ends with its owner.",
        ("tests/processes/test_valkey_server.py",),
        20,
    ),
    "pause": Trial.of_tests(
        "With Valkey paused for 30 s the API answers on, and circuits are known again afterwards.",
        ("tests/processes/test_run.py",),
        20,
    ),
}
