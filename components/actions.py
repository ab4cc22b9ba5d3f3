"""Acts of operators: what will happen, why, until when, and who; done in a callback, once, by a service that checks again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from backend.actor import Actor
from backend.errors import InvalidRequest, ServiceError
from components import frame, markup, session, tables
from components.state import glyph
from components.wording import say

_OUTCOME = "actions_outcome"
_SHORTEST_REASON = 10
EXPIRIES = {15: "15 min", 30: "30 min", 60: "1 h", 240: "4 h"}


@dataclass(frozen=True)
class Given:
    """What the operator filled in; ``more`` holds the act's own fields by name."""

    reason: str
    minutes: int
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """One act as its dialog shows it. ``run`` does it and returns the sentence that says so; ``fields`` draws its own inputs."""

    key: str
    verb: str
    intro: str
    preview: Sequence[tuple[str, str]]
    run: Callable[[Actor, Given], str]
    counted: str = ""
    expires: bool = False
    fields: Callable[[str], None] | None = None
    field_names: tuple[str, ...] = ()


def opener(act: Act, *, icon: str = "", danger: bool = False, width: Any = "content") -> None:
    """The button that opens the act's dialog; it changes nothing by itself."""
    if st.button(f"{glyph('held', 13)} {act.verb}" if danger else act.verb, key=f"open_{act.key}", width=width, help=icon or None):
        st.session_state[_id(act)] = secrets.token_hex(8)
        ask(act)


def ask(act: Act) -> None:
    """The dialog: preview first, then the reason, then the button that carries the verb."""
    st.dialog(act.verb, width="medium")(_draw)(act)


def outcome() -> None:
    """What the last act came to, first thing on the page; said once."""
    said = st.session_state.pop(_OUTCOME, None)
    if said:
        st.success(f"{glyph('ok')} {said}")


def _draw(act: Act) -> None:
    if st.session_state.get(f"{act.key}_done") == st.session_state.get(_id(act)):
        st.rerun()
    seen = session.require_any()
    st.markdown(act.intro)
    with st.container(border=True, gap="xsmall"):
        frame.title_row(say("actions.preview"), markup.soft(act.counted or say("actions.nothing_sent")))
        tables.rows([{"a": f":gray[{label}]", "b": words} for label, words in act.preview], header=False)
    if act.fields:
        act.fields(act.key)
    reason = st.text_input(say("actions.reason"), key=f"{act.key}_reason", max_chars=500, placeholder=say("actions.reason_hint"), live=True)
    if act.expires:
        st.segmented_control(
            say("actions.expiry"), list(EXPIRIES), default=30, format_func=EXPIRIES.__getitem__, key=f"{act.key}_minutes", width="stretch"
        )
    problem = st.session_state.pop(f"{act.key}_problem", None)
    if problem:
        st.error(f"{glyph('bad')} {problem}")
    name, role = markup.text(seen.session.operator.name), seen.session.operator.role
    st.markdown(markup.soft(say("actions.you", name=name, role=role)))
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button(say("actions.cancel"), key=f"{act.key}_cancel"):
            st.rerun()
        ready = len(reason.strip()) >= _SHORTEST_REASON
        st.button(act.verb, key=f"{act.key}_do", type="primary", disabled=not ready, on_click=do, args=(act,))


def do(act: Act) -> None:
    """The callback. A widget's limits bind the browser alone, so the service checks all of it again."""
    asked = st.session_state.get(_id(act))
    if st.session_state.get(f"{act.key}_done") == asked and asked is not None:
        return
    seen = session.current(active=True)
    if seen is None:
        return
    more = {name: st.session_state.get(f"{act.key}_{name}") for name in act.field_names}
    given = Given(str(st.session_state.get(f"{act.key}_reason") or ""), int(st.session_state.get(f"{act.key}_minutes") or 30), more)
    try:
        st.session_state[_OUTCOME] = act.run(seen.actor, given)
    except InvalidRequest as error:
        st.session_state[f"{act.key}_problem"] = markup.text(" ".join(problem.detail for problem in error.problems) or error.detail)
    except ServiceError as error:
        st.session_state[f"{act.key}_problem"] = markup.text(error.detail)
    else:
        st.session_state[f"{act.key}_done"] = asked


def _id(act: Act) -> str:
    return f"{act.key}_asked"
