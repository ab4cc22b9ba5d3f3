"""A grid of rows to pick one from; the row that the address names is marked, and picking another names that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from components import filters
from components.figures import TABLES
from components.times import Watch


@dataclass(frozen=True)
class Grid:
    """How a grid stands on its page. ``name`` begins its keys, ``param`` is its word in the address, ``widths`` are pixels by column;
    with more than ``most_rows`` rows it scrolls within ``height``. A ``steady`` one stays itself, and where it was scrolled to, as rows
    come: whoever draws it holds the rows while one is picked, as a pick is a place among them."""

    name: str
    param: str
    widths: Mapping[str, int]
    row_height: int
    height: int
    most_rows: int
    steady: bool = False


Columns = Callable[[], Mapping[str, Sequence[str]]]


def draw(grid: Grid, ids: Sequence[str], columns: Columns, alt: str, watch: Watch, version: str = "") -> None:
    """``ids`` one a row; another ``version`` of the same rows is another grid. A row never changes: on the same day, in the same zone,
    the same ids have the same columns, which are made once."""
    rows = ("steady",) if grid.steady else (ids[0], str(len(ids)))
    key = "_".join((grid.name, "grid", *rows, *([version] if version else [])))
    st.session_state[f"{grid.name}_shown"] = list(ids)
    named = st.query_params.get(grid.param)
    here = [ids.index(named)] if named in ids else []
    st.dataframe(
        TABLES.shown((grid.name, tuple(ids), version, watch.of_day()), lambda: _table(columns)),
        key=key,
        alt=alt,
        hide_index=True,
        row_height=grid.row_height,
        height=grid.height if len(ids) > grid.most_rows else "content",
        on_select=lambda: _picked(grid, key),
        selection_mode="single-row",
        selection_default={"selection": {"rows": here, "columns": [], "cells": []}},
        column_config={name: st.column_config.TextColumn(width=width) for name, width in grid.widths.items()},
    )


def _table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns().items()})


def _picked(grid: Grid, key: str) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    shown = st.session_state.get(f"{grid.name}_shown", [])
    filters.put({grid.param: shown[rows[0]] if rows and rows[0] < len(shown) else ""})
