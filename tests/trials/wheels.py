"""Trials of the pictures of charts."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "glyphs": Trial.of_tests(
        "On wheels of 5,000 random charts (one to three rings, crowds of points, narrow houses, 36 sectors, without a birth time) no two "
        "glyphs, texts or numbers meet, and no picture is larger than 60 kB.",
        ("tests/unit/charts/drawing/test_no_overlap.py",),
        5000,
    ),
}
