"""Acts of operators: what will happen, why, until when, and who; done in a callback, once, by a service that checks again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import streamlit as st

from backend.actor import Actor
from backend.errors import InvalidRequest, ServiceError
from components import frame, markup, session, tables
from components.recent import GLANCES
from components.state import glyph
from components.wording import say

_OUTCOME = "actions_outcome"
_SHORTEST_REASON = 10
_EXPIRY_WORDS = {5: "5 min", 15: "15 min", 30: "30 min", 60: "1 h", 240: "4 h"}
Fields = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True)
class Given:
    """What the operator filled in; ``more`` holds the act's own fields by name."""

    reason: str
    minutes: int
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """One act as its dialog shows it. ``run`` does it and returns the sentence that says so.

    ``fields`` draws its own inputs, with what is wrong by field name, as ``check`` finds it while they are filled in or the service
    when it is done. ``expires``: after how many minutes it may end by itself. ``danger``: the shape of what it leads to, for an act
    whose button is never the main one.
    """

    key: str
    verb: str
    intro: str
    preview: Sequence[tuple[str, str]]
    run: Callable[[Actor, Given], str]
    counted: str = ""
    expires: tuple[int, ...] = ()
    fields: Fields | None = None
    field_names: tuple[str, ...] = ()
    check: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None
    danger: str = ""
    width: Literal["small", "medium", "large"] = "medium"


@dataclass(frozen=True)
class Offer:
    """An act that somebody may do, before its dialog is opened: only then is counted what it would touch."""

    key: str
    verb: str
    make: Callable[[], Act]
    danger: str = ""


def opener(act: Act) -> None:
    """The button that opens the act's dialog; it changes nothing by itself."""
    opener_of(Offer(act.key, act.verb, lambda: act, act.danger))


def opener_of(offer: Offer) -> None:
    if st.button(_label(offer.verb, offer.danger), key=f"open_{offer.key}", width="content"):
        ask(offer.make())


def menu(label: str, offers: Sequence[Offer], key: str) -> None:
    """Several acts behind one button; picking one opens its dialog."""
    verbs = {offer.key: offer.verb for offer in offers}
    picked = st.menu_button(label, list(verbs), format_func=verbs.__getitem__, key=key) if offers else None
    for offer in offers:
        if offer.key == picked:
            ask(offer.make())


def ask(act: Act) -> None:
    """The dialog: preview first, then the reason, then the button that carries the verb."""
    st.session_state[_id(act)] = secrets.token_hex(8)
    st.dialog(act.verb, width=act.width)(_draw)(act)


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
    given = _more(act)
    wrong = {**(act.check(given) if act.check else {}), **st.session_state.pop(f"{act.key}_wrong", {})}
    if act.fields:
        act.fields(act.key, wrong)
    reason = st.text_input(say("actions.reason"), key=f"{act.key}_reason", max_chars=500, placeholder=say("actions.reason_hint"), live=True)
    if act.expires:
        _expiry(act, seen)
    problem = st.session_state.pop(f"{act.key}_problem", None)
    if problem:
        st.error(f"{glyph('bad')} {problem}")
    _sign(act, seen, ready=len(reason.strip()) >= _SHORTEST_REASON and not wrong)


def _expiry(act: Act, seen: session.Seen) -> None:
    chosen = st.segmented_control(
        say("actions.expiry"),
        list(act.expires),
        default=_usual(act),
        format_func=lambda minutes: _EXPIRY_WORDS.get(minutes, f"{minutes} min"),
        key=f"{act.key}_minutes",
        width="stretch",
        required=True,
    )
    ends = seen.watch.now + timedelta(minutes=chosen or _usual(act))
    st.markdown(markup.soft(say("actions.ends", at=seen.watch.clock(ends))))


def _usual(act: Act) -> int:
    return 30 if 30 in act.expires and not act.fields else act.expires[0]


def _sign(act: Act, seen: session.Seen, *, ready: bool) -> None:
    """Who acts, and the two ways out."""
    name, role = markup.text(seen.session.operator.name), seen.session.operator.role
    st.markdown(markup.soft(say("actions.you", name=name, role=role)))
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button(say("actions.cancel"), key=f"{act.key}_cancel"):
            st.rerun()
        kind: Literal["primary", "secondary"] = "secondary" if act.danger else "primary"
        st.button(_label(act.verb, act.danger), key=f"{act.key}_do", type=kind, disabled=not ready, on_click=do, args=(act,))


def beside(wrong: Mapping[str, str], name: str) -> None:
    """Under a field: what is wrong with it, if anything is."""
    if name in wrong:
        st.markdown(f"{glyph('bad', 11)} :red[{markup.sentence(wrong[name])}]")


def do(act: Act) -> None:
    """The callback. A widget's limits bind the browser alone, so the service checks all of it again."""
    asked = st.session_state.get(_id(act))
    if st.session_state.get(f"{act.key}_done") == asked and asked is not None:
        return
    seen = session.current(active=True)
    if seen is None:
        return
    minutes = int(st.session_state.get(f"{act.key}_minutes") or (_usual(act) if act.expires else 0))
    given = Given(str(st.session_state.get(f"{act.key}_reason") or ""), minutes, _more(act))
    try:
        st.session_state[_OUTCOME] = act.run(seen.actor, given)
    except InvalidRequest as error:
        _note_wrong(act, error)
    except ServiceError as error:
        st.session_state[f"{act.key}_problem"] = markup.text(error.detail)
    else:
        st.session_state[f"{act.key}_done"] = asked
        GLANCES.forget()  # who acted sees at once what came of it


def _more(act: Act) -> dict[str, Any]:
    """The act's own fields as they are filled in; before its dialog was drawn there are none."""
    return {name: st.session_state[f"{act.key}_{name}"] for name in act.field_names if f"{act.key}_{name}" in st.session_state}


def _note_wrong(act: Act, error: InvalidRequest) -> None:
    """Beside its field what concerns one that is on screen, in one sentence what does not."""
    own = {problem.field: problem.detail for problem in error.problems if problem.field in act.field_names}
    other = [problem.detail for problem in error.problems if problem.field not in own]
    st.session_state[f"{act.key}_wrong"] = own
    if other or not own:
        st.session_state[f"{act.key}_problem"] = markup.text(" ".join(other) or error.detail)


def _label(verb: str, danger: str) -> str:
    return f"{glyph(danger, 13)} {verb}" if danger else verb


def _id(act: Act) -> str:
    return f"{act.key}_asked"
