"""Trials of charts."""

from __future__ import annotations

from tests.trials.trial import Trial

TRIALS = {
    "charts": Trial.of_tests(
        "1,000 random requests from 1800 to 2399, over all house systems, zodiacs, centres and both theories, equal what Swiss Ephemeris's "
        "own program (Debian's package) prints, to the printed digit.",
        ("tests/contract/test_swetest.py",),
        1000,
    ),
    "centers": Trial.of_tests(
        "Charts of two places, two zodiacs, two theories and an ayanamsa of one's own, asked for by threads at once, 1,000 times each, "
        "equal what each is alone.",
        ("tests/unit/charts/test_centers.py",),
        1000,
    ),
}
