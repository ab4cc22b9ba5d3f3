"""Draws what this operator asked for before, from the stored cases: to run again, and to compare with what is on screen.

Every run is kept as a case of one's own (thirty days, sealed), so the history outlives the session, and the address names a case, never
birth data. What an answer was is not kept: to run again is to ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend.errors import ServiceError
from components import frame, markup, navigation
from components import playground_state as state
from components.services import services
from components.session import Seen
from components.state import glyph
from components.wording import say

MOST = 12
_COMPARE = "compare"


def draw(seen: Seen, rerun: Callable[[str], None]) -> None:
    """Folded until it is wanted; ``rerun`` opens a case and asks for it again."""
    with st.expander(say("playground.history"), key="playground_history", on_change="rerun") as expander:
        if not expander.open:
            return
        try:
            cases = services().cases.own(seen.actor)[:MOST]
        except ServiceError as error:
            frame.refused(error)
            return
        if not cases:
            st.markdown(f"{glyph('info', 12)} {say('playground.no_history')}")
            return
        for case in cases:
            st.button(markup.text(_label(case, seen)), key=f"playground_again_{case.id}", on_click=rerun, args=(case.id,), type="tertiary")
        _compare(cases, seen)


def _label(case: Any, seen: Seen) -> str:
    title = case.title or case.technique
    return f"{seen.watch.bare(case.created_at, '%H:%M')} · {case.technique} · {title}"


def _compare(cases: Sequence[Any], seen: Seen) -> None:
    """Hands the run on screen and an earlier one to the Compare page, by their ids."""
    run = state.run()
    others = {case.id: case for case in cases if run and case.id != run.case and case.technique == run.recipe.name}
    if not run or not run.case or not others or _COMPARE not in navigation.BY_NAME:
        return
    other = st.selectbox(
        say("playground.compare_with"), list(others), format_func=lambda one: _label(others[one], seen), key="playground_compare_with"
    )
    st.page_link(navigation.page(_COMPARE), label=say("playground.compare"), query_params={"left": other, "right": run.case})
