"""Trials of the embedded metrics store."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "metrics-servers": Trial.of_tests(
        "Five thousand made-up expressions, asked of our metrics server and of Debian's Prometheus over the same samples, are answered "
        "equal to 1e-12.",
        ("tests/contract/test_metrics_servers.py",),
        5000,
    ),
    "metrics-store": Trial.of_tests(
        "A process killed a hundred times while it scrapes, is written to, makes chunks and forgets: no acknowledged scrape is lost, "
        "and the file is whole.",
        ("tests/contract/test_metrics_store_kills.py",),
        100,
    ),
}
