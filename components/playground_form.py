"""Draws the request: a technique, then its form or the raw JSON, whichever one prefers; both are the same request."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import markup, playground_chart
from components import playground_fields as fields
from components import playground_state as state
from components.playground_fields import Problems
from components.services import services
from components.state import glyph
from components.views import playground as view
from components.views import playground_json, snippets
from components.views.playground_chart import SECOND_EXAMPLE
from components.views.playground_fields import found, placed
from components.views.playground_recipes import Recipe, carried
from components.wording import say

_BEFORE = "playground_technique_before"


def draw() -> Recipe:
    """The form; the technique that is chosen."""
    modes = {state.FORM: say("playground.form"), state.JSON: say("playground.json")}
    st.session_state.setdefault(state.MODE, state.FORM)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.markdown(f"#### {say('playground.input')}", width="content", anchors=False)
        st.segmented_control(
            say("playground.mode"), list(modes), format_func=modes.__getitem__, key=state.MODE, required=True,
            label_visibility="collapsed", on_change=_turned,
        )  # fmt: skip
    recipe = _technique()
    if st.session_state[state.MODE] == state.JSON:
        _json(recipe)
    else:
        _fields(recipe)
    return recipe


def _technique() -> Recipe:
    known = {recipe.name: recipe for recipe in state.offered()}
    if st.session_state.get(state.TECHNIQUE) not in known:
        st.session_state[state.TECHNIQUE] = next(iter(known))
    name = st.selectbox(
        say("playground.technique"), list(known), format_func=lambda one: known[one].title, key=state.TECHNIQUE, on_change=_switched,
        help=known[st.session_state[state.TECHNIQUE]].about or None, label_visibility="collapsed",
    )  # fmt: skip
    st.session_state[_BEFORE] = name
    if len(known) == 1:
        st.markdown(markup.soft(say("playground.only_natal")))
    return known[name]


def _switched() -> None:
    """The charts of the form go along to the next technique."""
    state.collect()
    before, after = state.recipe_of(str(st.session_state.get(_BEFORE))), state.chosen()
    state.load(carried(state.body(), before, after) if before else dict(after.example))


def _turned() -> None:
    """From form to JSON or back; text that is no JSON stays where it can be mended."""
    if st.session_state[state.MODE] == state.JSON:
        st.session_state[state.MODE] = state.FORM
        state.collect()
        st.session_state[state.MODE] = state.JSON
        state.load(state.body())
        return
    read, _ = playground_json.read_text(str(st.session_state.get(state.TEXT) or "{}"))
    if read is None:
        st.session_state[state.MODE] = state.JSON
        return
    state.load(read)


def _json(recipe: Recipe) -> None:
    """The request as text; what is wrong with it, line by line."""
    text = st.text_area(say("playground.body"), key=state.TEXT, height=380)
    read, wrong = playground_json.read_text(text or "")
    if read is None:
        st.markdown(f"{glyph('bad', 12)} :small[{markup.sentence(wrong)} {say('playground.mend')}]")
        return
    problems = _problems(recipe)
    for path, detail in problems.items():
        line = playground_json.line_of(text, path)
        where = f"{say('playground.line', line=line)} " if line else ""
        st.markdown(f"{glyph('bad', 12)} :small[{where}{view.problem_words(path, detail)}]")
    if not problems:
        st.markdown(f"{glyph('ok', 12)} :small[{say('playground.json_good')}]")


def _problems(recipe: Recipe) -> Problems:
    """What is wrong with the request: by the API's own reading of its charts, and by its refusal of this very body."""
    wrong = {one.field: one.detail for one in playground_json.problems(recipe, state.body())}
    run = state.run()
    if run and not run.answer.is_good and run.body == state.body() and run.recipe.name == recipe.name:
        wrong = {**view.told_problems(run.answer.body), **wrong}
    return wrong


def _fields(recipe: Recipe) -> None:
    problems = _problems(recipe)
    for field in recipe.first:
        fields.draw(field, problems)
    if recipe.parts == ("",):
        playground_chart.draw("", problems)
    elif recipe.parts:
        _parts(recipe, problems)
    for field in recipe.then:
        fields.draw(field, problems)
    _rest(recipe, problems)
    for path, detail in problems.items():
        st.markdown(f"{glyph('bad', 11)} :small[{view.problem_words(path, detail)}]")


def _rest(recipe: Recipe, problems: Problems) -> None:
    """What is seldom asked for, folded; and what only JSON can say."""
    if not recipe.rest and not recipe.only_json:
        return
    with st.expander(say("playground.more_of", technique=recipe.title), key=f"playground_rest_{recipe.name}", on_change="rerun") as rest:
        if rest.open:
            for field in recipe.rest:
                fields.draw(field, problems)
            if recipe.only_json:
                st.markdown(markup.soft(say("playground.only_json", names=markup.text(", ".join(recipe.only_json)))))


def _parts(recipe: Recipe, problems: Problems) -> None:
    """The charts of the request: one as it is, more in tabs of which the open one is drawn."""
    if len(recipe.parts) == 1:
        _part(recipe, recipe.parts[0], problems)
        return
    tabs = st.tabs([view.field_title(part) for part in recipe.parts], key=f"playground_parts_{recipe.name}", on_change="rerun")
    for tab, part in zip(tabs, recipe.parts, strict=True):
        with tab:
            if tab.open:
                _part(recipe, part, problems)


def _part(recipe: Recipe, part: str, problems: Problems) -> None:
    if not isinstance(found(state.body(), part), dict):
        problems.pop(part, None)
        st.button(
            say("playground.add_chart"), key=f"playground_add_{part}", on_click=_change, args=(part, dict(SECOND_EXAMPLE)), width="stretch"
        )
        return
    playground_chart.draw(part, problems)
    if part in recipe.optional_parts:
        st.button(say("playground.remove_chart"), key=f"playground_remove_{part}", on_click=_change, args=(part, None), type="tertiary")


def _change(path: str, value: Any) -> None:
    state.collect()
    state.load(placed(state.body(), path, value))


def copies(recipe: Recipe) -> None:
    """The same call from a shell and from Python."""
    base = services().settings_view.api_base
    with st.popover(say("playground.copy"), width="stretch", key="playground_copy", on_change="rerun") as copy:
        if copy.open:
            st.code(snippets.curl(base, recipe.path, state.body()), language=None, wrap_lines=True)
            st.code(snippets.python(base, recipe.path, state.body()), language=None)


def refused(run: state.Run) -> None:
    """The API's problem document, field by field."""
    answer = run.answer
    st.markdown(f"### {glyph('bad', 16)} {say('playground.refused')}")
    st.markdown(f"**{markup.text(answer.body.get('title', ''))}.** {markup.sentence(str(answer.body.get('detail', '')))}")
    for path, detail in view.told_problems(answer.body).items():
        st.markdown(f"{glyph('bad', 11)} {view.problem_words(path, detail)}")
    st.markdown(markup.soft(say("playground.status", status=answer.status or "–", id=markup.code(answer.request_id))))
