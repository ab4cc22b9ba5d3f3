"""Parts of a page that renew themselves: at top level only, one timer a page, never nested."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from components.turns import TURNS


def every(seconds: float, draw: Callable[[], None], *, paused: bool) -> None:
    """Draw now, and again each so many seconds unless paused. ``draw`` checks the session itself, without counting as activity."""

    def drawn() -> None:
        with TURNS.taken():
            draw()

    st.fragment(drawn, run_every=None if paused else seconds)()
