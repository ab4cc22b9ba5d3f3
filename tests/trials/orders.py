"""Trials of operators' orders."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "orders": Trial.of_tests(
        "An operator's act is effective in 8 live processes, p99 at most 50 ms from the commit of its record (200 acts on each database); "
        "its process killed by SIGKILL at every point in between, it is recorded and applied in the end, or neither.",
        ("tests/scenarios/test_order_acts.py", "tests/contract/test_circuit_kills.py"),
        200,
    ),
}
