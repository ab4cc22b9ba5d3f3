"""Above every page: that trouble is being made on purpose, for as long as it is. Drawn by the entry, so that no page can forget it."""

from __future__ import annotations

import streamlit as st

from backend.answer import Failed, Fresh, Reading
from backend.errors import StorageUnavailable
from backend.operations.circuit_view import ActiveFault
from components import live, session
from components.recent import GLANCES
from components.services import services
from components.state import glyph
from components.views import faults

SECONDS = 10.0  # a page that lies open says so this soon
_KNOWN = "banner_known"


def draw(seen: session.Seen) -> None:
    """Now, and again by itself; a tick looks anew at who is there, a run has just done so."""

    def drawn() -> None:
        _draw(session.require_any(active=False) if session.is_tick() else seen)

    live.every(SECONDS, drawn, paused=False)


def _draw(seen: session.Seen) -> None:
    match _glance():
        case Fresh(value=found):
            st.session_state[_KNOWN] = found
            words = faults.banner(found, seen.watch) if found else ""
        case _:
            possible = faults.still_possible(st.session_state.get(_KNOWN, []), seen.watch.now)
            words = faults.unknown(possible, seen.watch) if possible else ""
    if words:
        st.warning(f"{glyph('pending', 15)} {words}")


def _glance() -> Reading[list[ActiveFault]]:
    """One look for everybody within two seconds, whether it succeeds or not."""
    return GLANCES.value("faults", services().clock, _look)


def _look() -> Reading[list[ActiveFault]]:
    now = services().clock.now()
    try:
        return Fresh(services().circuits.faults(), now, 0.0)
    except StorageUnavailable as error:
        return Failed(error.store, error.detail, now)
