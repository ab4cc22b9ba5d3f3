"""Trials of searches."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "events": Trial.of_tests(
        "In 2,000 random searches each, every transit is a root (below 0.001 arcseconds), every return returns (below 0.01), a search "
        "finds what a dense scan sees, and neighbouring ranges hold each event once.",
        ("tests/unit/charts/events",),
        2000,
    ),
    "searches": Trial.of_tests(
        "While a century is searched, 99 of 100 answers to liveness come within 100 ms; a search ends with its budget and with its caller.",
        ("tests/processes/test_search_in_api.py", "tests/processes/test_search_process.py"),
        100,
    ),
}
