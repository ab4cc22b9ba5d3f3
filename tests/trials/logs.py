"""Trials of log lines."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "log-search": Trial.of_tests(
        "Search over 1,000,000 log lines, and their counts over time, p95 at most 200 ms on SQLite and on PostgreSQL.",
        ("tests/contract/test_log_search.py", "-s"),
        500,
    ),
}
