"""A figure that is shown again is not built again, whoever looks and when; another day or another answer is another figure."""

from __future__ import annotations

from datetime import UTC, timedelta

from components.colours import LIGHT
from components.figures import Figures
from components.times import Watch
from components.views.plots import Plot
from tests.support.clock import START


def plot(watch: Watch) -> Plot:
    return Plot(START, START + timedelta(hours=1), 15.0, watch.of_day(), LIGHT)


def test_what_looks_alike_is_built_once_and_the_least_recent_are_forgotten() -> None:
    figures, built = Figures(2), iter(range(9))
    watches = [Watch(UTC, START + timedelta(seconds=seconds)) for seconds in (0, 1, 3600)]
    assert [figures.figure((plot(watch),), lambda: next(built)) for watch in watches] == [0, 0, 0]
    assert figures.figure((plot(Watch(UTC, START + timedelta(days=1))),), lambda: next(built)) == 1
    assert figures.figure(("third",), lambda: next(built)) == 2
    assert figures.figure((plot(watches[0]),), lambda: next(built)) == 3
