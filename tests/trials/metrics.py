"""Trials of the embedded metrics store."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "metrics-store": Trial.of_tests(
        "A process killed a hundred times while it scrapes, is written to, makes chunks and forgets: no acknowledged scrape is lost, "
        "and the file is whole.",
        ("tests/contract/test_metrics_store_kills.py",),
        100,
    ),
}
