"""A state as shape, word and colour, always in this order; the same drawing in sentences, headings and table cells."""

from __future__ import annotations

from functools import cache

import streamlit as st

from components import colours, pictures
from components.colours import Theme


def theme() -> Theme:
    """The colours of the theme on screen."""
    return colours.theme(st.context.theme.type)


def glyph(kind: str, size: int = 14) -> str:
    """The shape alone, as an inline picture."""
    return _drawn(kind, st.context.theme.type, size)


@cache
def _drawn(kind: str, theme_name: str | None, size: int) -> str:
    return pictures.inline(pictures.shape(kind, colours.theme(theme_name), size))


def state(kind: str, word: str, size: int = 14) -> str:
    """Shape, then the word in its colour; ``word`` is our own wording."""
    unbroken = word.replace("-", "\u2011")
    return f"{glyph(kind, size)}\u00a0:{colours.DIRECTIVE[kind]}[**{unbroken}**]"
