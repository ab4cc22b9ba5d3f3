"""Draws the request: a technique, then its form or the raw JSON, whichever one prefers; both are the same request."""

from __future__ import annotations

from functools import partial

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
from components.views.playground_fields import placed
from components.views.playground_recipes import Recipe, carried
from components.wording import say

_BEFORE = "playground_technique_before"


def draw() -> Recipe:
    """The form; the technique that is chosen."""
    recipe = _technique()
    modes = {state.FORM: say("playground.form"), state.JSON: say("playground.json")}
    st.session_state.setdefault(state.MODE, state.FORM)
    st.segmented_control(
        say("playground.mode"), list(modes), format_func=modes.__getitem__, key=state.MODE, required=True, width="stretch",
        label_visibility="collapsed", on_change=_turned,
    )  # fmt: skip
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
        say("playground.technique"), list(known), format_func=lambda one: known[one].title, key=state.TECHNIQUE, on_change=_switched
    )
    st.session_state[_BEFORE] = name
    if len(known) == 1:
        st.markdown(markup.soft(say("playground.only_natal")))
    elif known[name].about:
        st.markdown(markup.soft(markup.sentence(known[name].about)))
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
    found = {one.field: one.detail for one in playground_json.problems(recipe, state.body())}
    run = state.run()
    if run and not run.answer.is_good and run.body == state.body() and run.recipe.name == recipe.name:
        found = {**view.told_problems(run.answer.body), **found}
    return found


def _fields(recipe: Recipe) -> None:
    problems = _problems(recipe)
    if recipe.parts == ("",):
        playground_chart.draw("", problems)
    else:
        _parts(recipe, problems)
    for field in recipe.fields:
        fields.draw(field, problems)
    if recipe.only_json:
        st.markdown(markup.soft(say("playground.only_json", names=markup.text(", ".join(recipe.only_json)))))
    for path, detail in problems.items():
        st.markdown(f"{glyph('bad', 11)} :small[{view.problem_words(path, detail)}]")


def _parts(recipe: Recipe, problems: Problems) -> None:
    """The charts of the request: one as it is, more in tabs of which the open one is drawn."""
    if len(recipe.parts) == 1:
        _part(recipe.parts[0], problems)
        return
    for tab, part in zip(
        st.tabs([view.field_title(part) for part in recipe.parts], key="playground_parts", on_change="rerun"), recipe.parts, strict=True
    ):
        with tab:
            if tab.open:
                _part(part, problems)


def _part(part: str, problems: Problems) -> None:
    if isinstance(state.body().get(part), dict):
        playground_chart.draw(part, problems)
        return
    problems.pop(part, None)
    st.button(say("playground.add_chart"), key=f"playground_add_{part}", on_click=partial(_add, part), width="stretch")


def _add(part: str) -> None:
    state.collect()
    state.load(placed(state.body(), part, dict(SECOND_EXAMPLE)))


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
