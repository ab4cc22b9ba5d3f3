"""Draws answered requests: over time, as a grid to pick from, and the one that is picked in brief."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from backend.answer import Reading
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import Outline
from components import filters, frame, markup, ranges, time_charts
from components.session import Seen
from components.state import theme
from components.time_charts import Plot
from components.views import count_figures
from components.views import requests as view
from components.views.ranges import TimeRange
from components.views.readings import value_of
from components.wording import say

HEIGHT = 520
_SHOWN = "requests_shown"
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
        plot = Plot(span.start, span.end, outline.width.total_seconds(), seen.watch, theme(), height=count_figures.HEIGHT)
        figure = count_figures.bars(rows, outline.width, view.TONES, plot)
        alt = count_figures.words(rows, list(view.TONES))
        time_charts.draw(figure, plot, key="requests_counts", alt=alt, choose=ranges.choose)


def _outline_words(outline: Outline) -> str:
    rows = [(bucket.at, bucket.counts) for bucket in outline.buckets]
    total = sum(sum(counts.values()) for _, counts in rows)
    number = say("requests.total_one") if total == 1 else say("requests.total", count=total)
    return say("requests.outline", total=number, classes=count_figures.words(rows, list(view.TONES)))


def grid(records: Sequence[RequestRecord], order: str, seen: Seen) -> None:
    """The requests; picking one names it in the address."""
    key = f"requests_grid_{records[0].id}_{len(records)}_{order}"
    st.session_state[_SHOWN] = [record.id for record in records]
    here = [place for place, record in enumerate(records) if record.id == st.query_params.get("pick")][:1]
    st.dataframe(
        pa.table({name: pa.array(cells, pa.string()) for name, cells in view.columns(records, seen.watch).items()}),
        key=key,
        alt=say("requests.grid", count=len(records), order=say(f"requests.order_{order}")),
        hide_index=True,
        row_height=28 if seen.compact else 32,
        height=HEIGHT if len(records) > 15 else "content",
        on_select=lambda: _picked(key),
        selection_mode="single-row",
        selection_default={"selection": {"rows": here, "columns": [], "cells": []}},
        column_config={name: st.column_config.TextColumn(width=width) for name, width in _WIDTHS.items()},
    )


def _picked(key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    shown = st.session_state.get(_SHOWN, [])
    filters.put({"pick": shown[rows[0]] if rows and rows[0] < len(shown) else ""})


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
