"""What one keeps: the queries saved under a title, one's own and the team's, and the history of what one asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from backend.actor import Actor
from backend.errors import ServiceError
from backend.monitoring.queries.record import LONGEST_TITLE, SavedQuery
from components import clicks, frame, markup
from components import explorer_state as state
from components.services import services
from components.session import Seen
from components.state import glyph
from components.wording import say

_TOLD, _PROBLEM, _SAVING = "explorer_told", "explorer_kept_problem", "explorer_saving"


def draw(seen: Seen) -> None:
    """Folded until it is wanted."""
    with st.expander(say("explorer.kept"), key="explorer_kept", on_change="rerun") as expander:
        if not expander.open:
            return
        _outcome()
        try:
            own, shared = services().queries.own(seen.actor), services().queries.shared(seen.actor)
            history = services().queries.history(seen.actor)
        except ServiceError as error:
            frame.refused(error)
            return
        left, right = st.columns(2, gap="small")
        with left:
            _saved(own, shared)
            _save()
        with right:
            _history(history, seen)


def _outcome() -> None:
    """What the last click came to; said once."""
    told, problem = st.session_state.pop(_TOLD, None), st.session_state.pop(_PROBLEM, None)
    if told:
        st.markdown(f"{glyph('ok', 12)} {told}")
    if problem:
        st.markdown(f"{glyph('bad', 12)} {markup.sentence(problem)}")


def _saved(own: list[SavedQuery], shared: list[SavedQuery]) -> None:
    by_id = {one.id: one for one in (*own, *shared)}
    mine = {one.id for one in own}
    if not by_id:
        st.markdown(f"{glyph('info', 12)} {say('explorer.none_saved')}")
        return
    if st.session_state.get("explorer_saved") not in by_id:
        st.session_state["explorer_saved"] = None
    picked = st.selectbox(
        say("explorer.saved", own=len(own), team=len(shared)), list(by_id), index=None, key="explorer_saved",
        format_func=lambda one: _title(by_id[one], one in mine), placeholder=say("explorer.saved_hint"), filter_mode="contains",
    )  # fmt: skip
    if picked is not None:
        _one(by_id[picked], picked in mine)


def _title(one: SavedQuery, is_mine: bool) -> str:
    if is_mine:
        return say("explorer.saved_shared", title=one.title) if one.is_shared else one.title
    return say("explorer.saved_by", title=one.title, owner=one.owner_name)


def _one(saved: SavedQuery, is_mine: bool) -> None:
    for query in saved.view.queries:
        st.code(query, language=None)
    with st.container(horizontal=True, gap="small"):
        st.button(say("explorer.open"), key="explorer_open_saved", on_click=state.show, args=(saved.view,))
        if not is_mine:
            return
        if saved.is_shared:
            st.button(say("explorer.unshare"), key="explorer_unshare", on_click=unshare, args=(saved.id,))
        else:
            st.button(say("explorer.share"), key="explorer_share", on_click=share, args=(saved.id,))
        with st.popover(say("explorer.delete")):
            st.markdown(say("explorer.delete_sure"))
            st.button(say("explorer.delete_now"), key="explorer_delete", on_click=delete, args=(saved.id,))


def _save() -> None:
    with st.popover(say("explorer.save"), key=_SAVING, on_change="rerun"):
        st.markdown(say("explorer.save_intro"))
        st.text_input(say("explorer.title"), key="explorer_title", max_chars=LONGEST_TITLE, placeholder=say("explorer.title_hint"))
        st.toggle(say("explorer.save_shared"), key="explorer_shared")
        st.button(say("explorer.save_now"), key="explorer_save", on_click=save)


def _history(history: list[Any], seen: Seen) -> None:
    if not history:
        st.markdown(f"{glyph('info', 12)} {say('explorer.no_history')}")
        return
    texts = {one.query: one for one in history}
    if st.session_state.get("explorer_past") not in texts:
        st.session_state["explorer_past"] = None
    picked = st.selectbox(
        say("explorer.history", count=len(history)), list(texts), index=None, key="explorer_past", filter_mode="contains",
        format_func=lambda query: f"{seen.watch.bare(texts[query].asked_at, '%H:%M')}  {markup.short(' '.join(query.split()), 90)}",
        placeholder=say("explorer.history_hint"),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        if picked is not None:
            st.button(say("explorer.use"), key="explorer_use", on_click=state.add, args=(picked,), disabled=not state.has_room())
        st.button(say("explorer.forget"), key="explorer_forget", on_click=forget, type="tertiary", help=say("explorer.forget_help"))


def save() -> None:
    queries = [state.text(letter) for letter in state.opened()]
    title, shared = str(st.session_state.get("explorer_title") or ""), bool(st.session_state.get("explorer_shared"))
    kind, step = str(st.session_state["explorer_kind"]), str(st.session_state["explorer_step"])
    outcome = say("explorer.saved_now", title=markup.text(title.strip()))
    if _done(outcome, lambda by: services().queries.save(by, title, queries, kind, step, shared=shared)):
        st.session_state["explorer_title"] = ""
        st.session_state[_SAVING] = False  # else it lies over what was saved


def share(query_id: str) -> None:
    _done(say("explorer.shared_now"), lambda by: services().queries.share(by, query_id))


def unshare(query_id: str) -> None:
    _done(say("explorer.unshared_now"), lambda by: services().queries.unshare(by, query_id))


def delete(query_id: str) -> None:
    _done(say("explorer.deleted_now"), lambda by: services().queries.delete(by, query_id))


def forget() -> None:
    _done(say("explorer.forgotten"), lambda by: services().queries.forget(by))


def _done(outcome: str, act: Callable[[Actor], object]) -> bool:
    """Do something for whoever is signed in now, and say what came of it; whether it was done."""
    return clicks.done(outcome, act, told=_TOLD, problem=_PROBLEM)
