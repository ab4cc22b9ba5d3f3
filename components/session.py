"""Who is looking: the session's cookie, checked in the store on every run of a page and every tick of a fragment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from backend.accounts.operator import Session, actor_of
from backend.actor import Actor, Permission
from backend.errors import Forbidden, StorageUnavailable
from components import doorway, frame, startup
from components.services import services
from components.times import Watch, watch

_run = threading.local()
_ONE_RUN_SECONDS = 0.25


@dataclass(frozen=True)
class Seen:
    """The session of this run, and whoever acts through it."""

    session: Session
    actor: Actor

    @property
    def watch(self) -> Watch:
        """The time as this operator reads it."""
        return watch(self.session.operator.zone, services().clock.now())

    @property
    def compact(self) -> bool:
        return self.session.operator.density == "compact"


def token() -> str | None:
    """The cookie this page's websocket was opened with."""
    return st.context.cookies.get(doorway.cookie_name(startup.address().secure))


def current(*, active: bool) -> Seen | None:
    """The living session, or None; ``active`` moves its idle time, which timers must not.

    Entry, page and fragments of one run ask one after the other in one thread: what the store said within the last moment serves all,
    and an active look serves one that is not.
    """
    text, now = token(), services().clock.monotonic()
    known: tuple[str | None, bool, float, Seen] | None = getattr(_run, "known", None)
    if known and known[0] == text and known[1] >= active and 0 <= now - known[2] < _ONE_RUN_SECONDS:
        return known[3]
    session = services().accounts.session_of(text, active=active) if text else None
    seen = Seen(session, actor_of(session)) if session else None
    _run.known = (text, active, now, seen) if seen else None
    return seen


def require(permission: Permission, *, active: bool = True) -> Seen:
    """The operator, if allowed; else this run ends with a card that says why. Every page and fragment begins with it."""
    seen = require_any(active=active)
    try:
        seen.actor.require(permission)
    except Forbidden as refusal:
        frame.forbidden(refusal)
        st.stop()
    return seen


def require_any(*, active: bool = True) -> Seen:
    """Whoever is signed in, whatever they may do; nobody: the run ends."""
    try:
        seen = current(active=active)
    except StorageUnavailable:
        _end(frame.unknown_visitor)
    if seen is None:
        _end(frame.ended)
    return seen


def is_tick() -> bool:
    """Whether only a part of the page is being drawn, by its timer or by a widget in it."""
    context = get_script_run_ctx()
    return bool(context is not None and context.fragment_ids_this_run)


def _end(card: Callable[[], None]) -> NoReturn:
    """Inside a fragment the whole page is run anew, so that nothing of it stays on screen."""
    if is_tick():
        st.rerun(scope="app")
    card()
    st.stop()
