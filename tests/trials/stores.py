"""Trials of outages, overload and replacement."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "sql-outage": Trial.of_tests(
        "With PostgreSQL paused, killed and read-only, and SQLite locked and full, for 30 s each, charts with a known key answer: "
        "p99 at most 50 ms more.",
        ("tests/outages/test_sql_away.py",),
        10,
    ),
    "overload": Trial.of_tests(
        "At three times the capacity offered at least 0.8 of the peak is served, and the rest get 503 within 100 ms (p99).",
        ("tests/outages/test_overload.py",),
        10,
    ),
    "rolling-restart": Trial.of_tests(
        "Ten rolling restarts of two API processes under load, connections kept and opened anew: no failed request.",
        (
            "tests/processes/test_run.py::test_api_and_console_answer_and_the_state_is_ours_alone",
            "tests/processes/test_run.py::test_new_processes_of_the_api_take_over_without_a_failed_request",
        ),
        100,
    ),
}
