"""Where expressions are written: a field each, what may come next below it, what is wrong at its place, and how all are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from backend.actor import Permission
from backend.errors import QueryProblem
from components import explorer_browser, explorer_kept, markup, session
from components import explorer_state as state
from components.explorer_words import vocabulary
from components.state import glyph
from components.views.explorer_answers import AUTO, FINE, STEPS
from components.views.explorer_completion import Vocabulary, about, suggestions
from components.views.explorer_place import What
from components.views.explorer_problem import marked, place_words
from components.wording import say

_EDITED = "explorer_edited"
Problems = Mapping[str, tuple[str, QueryProblem]]


def draw(problems: Problems) -> dict[str, Any]:
    """The whole composer, a part of the page of its own, so that typing asks for no answer; the places for problems by letter."""
    seen = session.require(Permission.EXPLORE_METRICS)
    if state.wants_run() and session.is_tick():
        st.rerun(scope="app")
    known = vocabulary()
    places = {}
    with st.container(border=True, gap="small"):
        for letter in state.opened():
            places[letter] = _expression(letter, known, problems)
        _bar()
        explorer_browser.draw(known)
        explorer_kept.draw(seen)
    return places


def tell(place: Any, query: str, problem: QueryProblem) -> None:
    """Under the field: the sentence, and the line with a mark under the offending place."""
    with place:
        where = place_words(query, problem.position)
        at = say("explorer.at_line", line=where[0], column=where[1]) if where else ""
        st.markdown(f"{glyph('bad', 12)} :red[**{say(f'explorer.problem_{_kind(problem)}')}**] {markup.sentence(problem.detail)} {at}")
        line = marked(query, problem.position)
        if line:
            st.code(line, language=None)


def _kind(problem: QueryProblem) -> str:
    return problem.kind if problem.kind in ("bad_data", "execution", "timeout", "unavailable") else "execution"


def _expression(letter: str, known: Vocabulary, problems: Problems) -> Any:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{letter}**", width=14)
        common: dict[str, Any] = {
            "key": state.field(letter), "label_visibility": "collapsed", "on_change": _edited, "args": (letter,),
            "placeholder": say("explorer.placeholder"),
        }  # fmt: skip
        if state.is_tall(letter):
            st.text_area(say("explorer.field", letter=letter), height="content", **common)
        else:
            st.text_input(say("explorer.field", letter=letter), live=True, autocomplete="off", **common)
        st.button(
            f":gray[{say('explorer.remove')}]", key=f"explorer_remove_{letter}", on_click=_remove, args=(letter,), type="tertiary",
            help=say("explorer.remove_help", letter=letter),
        )  # fmt: skip
    place = st.container(gap="xsmall")
    found = problems.get(letter)
    if found is not None and found[0] == state.text(letter).strip():
        tell(place, *found)
    if st.session_state.get(_EDITED) == letter or (not state.text(letter) and letter == state.opened()[-1]):
        _suggest(letter, known)
    return place


def _suggest(letter: str, known: Vocabulary) -> None:
    """What may follow at the end of what is written, and what its metrics are."""
    text = state.text(letter)
    found = suggestions(text, known)
    offers = {one.shown: one.text for one in found.best if one.text != text}
    st.session_state[_offers(letter)] = offers
    for name, kind, helping in about(text, known.metrics)[:2]:
        st.markdown(markup.soft(f"{markup.code(name)} {markup.text(kind)}: {markup.sentence(helping)}"))
    if not offers:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        title = say(f"explorer.suggest_{found.what}") if text or found.what is not What.EXPRESSION else say("explorer.suggest_first")
        st.markdown(markup.soft(title), width="content")
        st.pills(
            say("explorer.suggestions", letter=letter), list(offers), key=f"explorer_pick_{letter}", on_change=_pick, args=(letter,),
            format_func=markup.text, label_visibility="collapsed",
        )  # fmt: skip
        if found.more:
            st.markdown(markup.soft(say("explorer.suggest_more", count=found.more)), width="content")


def _bar() -> None:
    """Over a range or at an instant, in which steps; and the one main act."""
    kinds = {state.RANGE: say("explorer.range"), state.INSTANT: say("explorer.instant")}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(say("explorer.run"), key="explorer_run", on_click=state.run, shortcut="Ctrl+Enter", help=say("explorer.run_help"))
        st.segmented_control(
            say("explorer.kind"), list(kinds), format_func=kinds.__getitem__, key="explorer_kind", required=True, on_change=state.run,
            label_visibility="collapsed",
        )  # fmt: skip
        if st.session_state["explorer_kind"] == state.RANGE:
            _steps()
        if len(state.opened()) < len(state.LETTERS):
            st.button(say("explorer.add"), key="explorer_add", on_click=state.add)
        if state.is_changed():
            st.markdown(markup.soft(say("explorer.changed")), width="content")


def _steps() -> None:
    chosen = str(st.session_state["explorer_step"])
    options = list(STEPS) if chosen in STEPS else [*STEPS, chosen]
    names = {AUTO: say("explorer.step_auto"), FINE: say("explorer.step_fine")}
    st.selectbox(
        say("explorer.step"), options, format_func=lambda step: names.get(step, say("explorer.step_of", step=step)), key="explorer_step",
        on_change=_step_chosen, accept_new_options=True, label_visibility="collapsed", width=190, help=say("explorer.step_help"),
    )  # fmt: skip


def _step_chosen() -> None:
    """A step that is no duration is taken for the usual one."""
    st.session_state["explorer_step"] = state.known_step(st.session_state.get("explorer_step"))
    state.run()


def _edited(letter: str) -> None:
    st.session_state[_EDITED] = letter


def _pick(letter: str) -> None:
    """Put the suggestion in; there may be one for what follows."""
    shown = st.session_state.get(f"explorer_pick_{letter}")
    text = st.session_state.get(_offers(letter), {}).get(shown)
    if text is not None:
        st.session_state[state.field(letter)] = text
    st.session_state[f"explorer_pick_{letter}"] = None
    _edited(letter)


def _remove(letter: str) -> None:
    asked_before = bool(st.query_params.get(letter))
    state.remove(letter)
    if asked_before:
        state.run()


def _offers(letter: str) -> str:
    return f"explorer_offers_{letter}"
