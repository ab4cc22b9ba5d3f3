"""Pictures on the page, in the colours of the theme on screen."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import pictures
from components.state import theme


def inline_spark(values: Sequence[float | None], kind: str = "info", limit: float | None = None, *, words: str) -> str:
    """A sparkline for a sentence; as wide as its place, and cheaper than a picture of its own."""
    return pictures.inline(pictures.fluid(pictures.spark(values, theme(), kind, limit)), words)


def window_strip(bars: Sequence[tuple[int, int]], width: float = 330.0) -> None:
    answered, failed = sum(good for good, _ in bars), sum(bad for _, bad in bars)
    words = f"Calls in the window: {answered} answered, above the line; {failed} failed, below"
    st.image(pictures.window_strip(bars, theme(), width), width="stretch", alt=words)


def span_bar(spans: Sequence[tuple[float, float, str, str]], ticks: Sequence[tuple[float, str]]) -> None:
    words = "States over time: " + ", ".join(word for _, _, _, word in spans)
    st.image(pictures.span_bar(spans, ticks, theme()), width="stretch", alt=words)


def inline_share(share: float | None) -> str:
    """A part of the whole as a small bar, for a table cell; nothing where it is not known."""
    return pictures.inline(pictures.share_bar(share, theme())) if share is not None else ""


def inline_part(begins: float, ends: float, kind: str = "info") -> str:
    """Where a part of a request lies within all of it, for a table cell."""
    return pictures.inline(pictures.part_bar(begins, ends, theme(), kind))
