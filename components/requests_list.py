"""Draws answered requests: over time, as a grid to pick from, and the one that is picked in brief."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from backend.answer import Reading
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import Outline
from components import frame, markup, picking, ranges, time_charts
from components.figures import FIGURES
from components.session import Seen
from components.state import theme
from components.time_charts import Plot
from components.views import count_figures
from components.views import requests as view
from components.views.ranges import TimeRange
from components.views.readings import value_of
from components.wording import say

HEIGHT = 520
_WIDTHS = {"Status": 62, "Route": 176, "Took": 66, "Lesser or wrong": 150, "Request": 70}


def over_time(reading: Reading[Outline], span: TimeRange, nothing: str, seen: Seen) -> None:
    """Counts by class of status; a span that is drawn on it is the next to be shown."""
    outline: Outline | None = value_of(reading)
    with frame.card(say("requests.over_time"), markup.soft(_outline_words(outline)) if outline else ""):
        frame.warn_stale(reading, seen.watch)
        if outline is None:
            frame.nothing(reading, seen.watch, nothing)
            return
        rows = [(bucket.at, bucket.counts) for bucket in outline.buckets]
        plot = Plot(span.start, span.end, outline.width.total_seconds(), seen.watch.of_day(), theme(), height=count_figures.HEIGHT)
        figure = FIGURES.shown(("requests", rows, plot), lambda: count_figures.bars(rows, outline.width, view.TONES, plot))
        alt = count_figures.words(rows, list(view.TONES))
        time_charts.draw(figure, plot, key="requests_counts", alt=alt, choose=ranges.choose)


def _outline_words(outline: Outline) -> str:
    rows = [(bucket.at, bucket.counts) for bucket in outline.buckets]
    total = sum(sum(counts.values()) for _, counts in rows)
    number = say("requests.total_one") if total == 1 else say("requests.total", count=total)
    return say("requests.outline", total=number, classes=count_figures.words(rows, list(view.TONES)))


def grid(records: Sequence[RequestRecord], order: str, seen: Seen) -> None:
    """The requests, to pick one from."""
    look = picking.Grid("requests", "pick", _WIDTHS, 28 if seen.compact else 32, HEIGHT, 15)
    alt = say("requests.grid", count=len(records), order=say(f"requests.order_{order}"))
    picking.draw(look, [record.id for record in records], lambda: view.columns(records, seen.watch), alt, seen.watch, order)


def take_along(records: Sequence[RequestRecord], stem: str) -> None:
    """The requests that are shown, as files."""
    kinds: tuple[tuple[str, Any, str], ...] = (("csv", view.as_csv, "text/csv"), ("json", view.as_json, "application/json"))
    for name, written, mime in kinds:
        st.download_button(
            say(f"requests.{name}"),
            partial(written, records),
            f"{stem}.{name}",
            mime,
            key=f"requests_{name}",
            help=say("requests.export_help"),
            on_click="ignore",
            type="tertiary",
        )
