"""A figure that is shown again is not built again, whoever looks and when; another day or another answer is another figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta

import numpy as np
import plotly.graph_objects as go
import plotly.io

from components.colours import LIGHT
from components.figures import Figures
from components.times import Watch
from components.views.plots import Plot
from tests.support.clock import START


def plot(watch: Watch) -> Plot:
    return Plot(START, START + timedelta(hours=1), 15.0, watch.of_day(), LIGHT)


def numbered() -> Callable[[], go.Figure]:
    """Builds figures whose titles are 0, 1, 2 and so on."""
    numbers = iter(range(9))
    return lambda: go.Figure(layout={"title": {"text": str(next(numbers))}})


def test_what_looks_alike_is_built_once_and_the_least_recent_are_forgotten() -> None:
    figures, build = Figures(2), numbered()

    def title(*key: object) -> str:
        return str(figures.shown(key, build).layout.title.text)

    watches = [Watch(UTC, START + timedelta(seconds=seconds)) for seconds in (0, 1, 3600)]
    assert [title(plot(watch)) for watch in watches] == ["0", "0", "0"]
    assert title(plot(Watch(UTC, START + timedelta(days=1)))) == "1"
    assert title("third") == "2"
    assert title(plot(watches[0])) == "3"


def test_what_is_kept_is_sent_in_the_same_words_as_what_was_built() -> None:
    built = go.Figure(go.Scatter(x=np.arange(240), y=np.linspace(0.0, 1.0, 240)), {"template": "none"})
    assert plotly.io.to_json(Figures(1).shown(("one",), lambda: built)) == plotly.io.to_json(built)


def test_where_there_is_nothing_to_draw_nothing_is_kept_for_a_figure() -> None:
    assert Figures(1).shown(("nothing",), lambda: None) is None
