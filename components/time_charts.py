"""Charts over time in the console's one style: lines with bands and limits, spread as a heat map, states as bars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import streamlit as st

from components.views import plots
from components.views.plots import Plot as Plot

CONFIG = {"displayModeBar": False, "displaylogo": False, "showTips": False, "modeBarButtonsToRemove": ["toImage"], "scrollZoom": False}


@dataclass(frozen=True)
class Chosen:
    """A span of time that somebody drew on a chart."""

    start: datetime
    end: datetime


def draw(figure: Any, plot: Plot, *, key: str, alt: str, choose: Callable[[datetime, datetime], None] | None = None) -> None:
    """One figure; ``choose`` is called with the span that somebody selects on it, before the page is drawn anew."""
    if choose is None:
        st.plotly_chart(figure, theme="streamlit", config=CONFIG, key=key, alt=alt)
        return

    def selected() -> None:
        found = chosen(st.session_state.get(key), plot)
        if found is not None:
            choose(found.start, found.end)

    st.plotly_chart(figure, theme="streamlit", config=CONFIG, key=key, alt=alt, on_select=selected, selection_mode="box")


def chosen(event: Any, plot: Plot) -> Chosen | None:
    """The span of the box that was drawn last; None when there is none."""
    boxes: Sequence[Any] = (event or {}).get("selection", {}).get("box", [])
    ends = boxes[-1].get("x", []) if boxes else []
    if len(ends) < 2:
        return None
    one, other = (plots.instant(end, plot) for end in ends[:2])
    if one is None or other is None or one == other:
        return None
    return Chosen(min(one, other), max(one, other))
