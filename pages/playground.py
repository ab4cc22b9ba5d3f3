"""Playground: every technique through the real API, with what it says of itself."""

import streamlit as st

from backend.actor import Permission
from backend.errors import ServiceError
from components import frame, markup, playground_form, playground_history, playground_result, session
from components import playground_state as state
from components.api_client import api
from components.playground_state import Run
from components.services import services
from components.state import glyph
from components.views import playground as view
from components.views.playground_recipes import NATAL_RECIPE
from components.wording import say

seen = session.require(Permission.COMPUTE_CHARTS)
CASE, PROBLEM, ASKED = "playground_case", "playground_problem", "playground_asked"
HEIGHT = playground_result.HEIGHT - 60


def restore():
    """The stored case that the address names, once; without one, the example. No birth data stands in an address."""
    state.begin()
    case = st.query_params.get("case") or ""
    if case and st.session_state.get(CASE) != case:
        rerun(case)
    elif not case:
        begin_with(st.query_params.get("technique") or "")


def begin_with(technique):
    """The example of the technique that the address names, once; whoever comes from a request brings no more than its route."""
    recipe = state.recipe_of(technique) if technique and st.session_state.get(ASKED) != technique else None
    if recipe is not None:
        st.session_state[ASKED] = st.session_state[state.TECHNIQUE] = technique
        state.load(recipe.example)


def rerun(case):
    """Open a stored request and ask for it again."""
    try:
        opened = services().cases.opened(seen.actor, case)
    except ServiceError as error:
        st.session_state[PROBLEM] = error.detail
        st.session_state[CASE] = case
        return
    recipe = state.recipe_of(opened.case.technique)
    if recipe is None:
        st.session_state[PROBLEM] = say("playground.unknown_technique")
        recipe = NATAL_RECIPE
    st.session_state[state.TECHNIQUE] = recipe.name
    state.load(opened.body)
    keep(case)
    state.keep_run(Run(recipe, opened.body, api().technique(recipe.name, opened.body), services().clock.now(), case))


def keep(case):
    st.session_state[CASE] = case
    st.query_params["case"] = case


def send():
    """Ask the API, and keep the request as a case of one's own, so that the address can name it."""
    state.collect()
    recipe, body = state.chosen(), dict(state.body())
    answer, case = api().technique(recipe.name, body), ""
    try:
        case = services().cases.store(seen.actor, body, technique=recipe.name, title=view.run_title(body, recipe.parts))
        keep(case)
    except ServiceError as error:
        st.session_state[PROBLEM] = error.detail
    state.keep_run(Run(recipe, body, answer, services().clock.now(), case))


def sheet():
    """The request: form or JSON, the button, the copies, the history."""
    recipe = playground_form.draw()
    st.button(say("playground.calculate"), type="primary", width="stretch", key="playground_go", on_click=send)
    playground_form.copies(recipe)
    playground_history.draw(seen, rerun)


def outcome(run):
    """The answer: a wheel with its tables beside it, or a picture and tables one below the other."""
    if run is None:
        with st.container(border=True, height=HEIGHT, vertical_alignment="center", horizontal_alignment="center"):
            st.markdown(f"{glyph('info', 12)} {say('playground.empty')}", width="content")
    elif not run.answer.is_good:
        with st.container(border=True, height=HEIGHT):
            playground_form.refused(run)
    elif playground_result.is_round(run):
        middle, right = st.columns([2, 1.68], gap="small")
        with middle:
            playground_result.main(run, seen)
        with right:
            playground_result.side(run)
    else:
        playground_result.main(run, seen)
        playground_result.side(run)


restore()
state.collect()
frame.header("Playground", say("playground.note"))
problem = st.session_state.pop(PROBLEM, None)
if problem:
    st.warning(f"{glyph('watch')} {markup.text(problem)}")
left, result = st.columns([1.2, 3.68], gap="small")
with left.container(border=True, gap="small"):
    sheet()
with result:
    outcome(state.run())
