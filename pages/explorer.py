"""Explorer: PromQL over every metric, several queries in one view, with what each cost; all of it in the address."""

import streamlit as st

from backend.actor import Permission
from components import actions, explorer_answers, explorer_composer, explorer_results, explorer_words, frame, markup, ranges, session
from components import explorer_state as state
from components.wording import say

seen = session.require(Permission.EXPLORE_METRICS)


def problems(answers):
    """What is wrong with an expression, by letter, beside the text it was said of."""
    return {one.letter: (one.query, one.problem) for one in answers or () if one.problem is not None}


def answered(key, asked, window, places):
    """The answers; those that are asked just now tell their problems in the places that the composer left for them."""
    before = explorer_answers.known(key)
    if before is not None:
        return before
    with st.spinner(say("explorer.asking")):
        found = explorer_answers.answers(key, asked, window.start, window.end)
    for letter, (query, problem) in problems(found).items():
        if letter in places:
            explorer_composer.tell(places[letter], query, problem)
    return found


actions.outcome()
asked = state.asked()
state.begin(asked)
with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
    frame.header("Explorer", say("explorer.note"))
    window = ranges.control(seen.watch)
key = (asked, window.relative or (window.start, window.end), state.runs())
explorer_words.begin()
if asked.queries:
    explorer_answers.begin(key, asked, window.start, window.end)
places = st.fragment(explorer_composer.draw)(problems(explorer_answers.known(key))) or {}
if not asked.queries:
    explorer_results.nothing_asked()
else:
    answers = answered(key, asked, window, places)
    explorer_results.draw(answers, seen)
    why = explorer_answers.remember(seen.actor, answers, state.runs())
    if why:
        st.markdown(markup.soft(say("explorer.not_remembered", why=markup.sentence(why))))
