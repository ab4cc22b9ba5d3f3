"""What graph and values of the explorer share: a title with the ways to take the answers along, and a grid of series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from components.session import Seen
from components.views import explorer_export
from components.views.explorer_answers import Answered, Kept
from components.wording import say


def title(name: str, note: str, answers: Sequence[Answered]) -> None:
    """The title of what is shown, with the ways to take it along."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"#### {say(f'explorer.{name}')}\u2002{note}", width="content", anchors=False)
        with st.container(horizontal=True, horizontal_alignment="right", gap="small", width="content"):
            stem = f"metrics-{answers[0].end:%Y%m%dT%H%M%SZ}"
            st.download_button(
                say("explorer.csv"), lambda: explorer_export.as_csv(answers), f"{stem}.csv", "text/csv", key="explorer_csv",
                help=say("explorer.export_help"), on_click="ignore",
            )  # fmt: skip
            st.download_button(
                say("explorer.json"), lambda: explorer_export.as_json(answers), f"{stem}.json", "application/json", key="explorer_json",
                help=say("explorer.export_help"), on_click="ignore",
            )  # fmt: skip


def grid(columns: dict[str, list[Any]], key: str, alt: str, seen: Seen) -> None:
    """Rows to sort and to search; given as an Arrow table."""
    rows, height = len(next(iter(columns.values()))), 28 if seen.compact else 32
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    widths = {say("explorer.query"): 60, say("explorer.series"): 620}
    st.dataframe(
        table, key=key, hide_index=True, row_height=height, height=420 if rows > 12 else "content", alt=alt,
        column_config={name: st.column_config.TextColumn(width=width) for name, width in widths.items()},
    )  # fmt: skip


def listed(kept: Kept) -> str:
    if len(kept.series) == kept.total:
        return say("explorer.all_series_note", count=kept.total)
    return say("explorer.all_series_some", listed=len(kept.series), count=kept.total, left=kept.total - len(kept.series))
