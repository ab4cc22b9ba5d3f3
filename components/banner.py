"""Above every page: that trouble is being made on purpose, for as long as it is. Drawn by the entry, so that no page can forget it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from backend.answer import Failed, Fresh, Reading
from backend.errors import StorageUnavailable
from backend.operations.circuit_view import ActiveFault
from components import live, session
from components.recent import GLANCES
from components.services import services
from components.state import glyph
from components.times import Watch
from components.views import faults
from components.wording import say

SECONDS = 10.0  # a page that lies open says so this soon
_KNOWN = "banner_known"


def draw(seen: session.Seen, breakers: Any) -> None:
    """Now, and again by itself; a tick looks anew at who is there, a run has just done so. ``breakers`` is the page to go to."""

    def drawn() -> None:
        _draw(session.require_any(active=False) if session.is_tick() else seen, breakers)

    live.every(SECONDS, drawn, paused=False)


def _draw(seen: session.Seen, breakers: Any) -> None:
    match _glance():
        case Fresh(value=found):
            st.session_state[_KNOWN] = found
            for fault in found:
                _one(fault, seen.watch, breakers)
        case _:
            possible = faults.still_possible(st.session_state.get(_KNOWN, []), seen.watch.now)
            if possible:
                st.warning(f"{glyph('neutral', 15)} {faults.unknown(possible, seen.watch)}")


def _one(fault: ActiveFault, watch: Watch, breakers: Any) -> None:
    """What is going on, and beside it the way to where it can be ended; a link within the text would open another tab."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.warning(f"{glyph('pending', 15)} {faults.sentence(fault, watch)}")
        st.page_link(breakers, label=say("faults.open"), query_params={"circuit": fault.circuit}, width="content")


def _glance() -> Reading[list[ActiveFault]]:
    """One look for everybody within two seconds, whether it succeeds or not."""
    return GLANCES.value("faults", services().clock, _look)


def _look() -> Reading[list[ActiveFault]]:
    now = services().clock.now()
    try:
        return Fresh(services().circuits.faults(), now, 0.0)
    except StorageUnavailable as error:
        return Failed(error.store, error.detail, now)
