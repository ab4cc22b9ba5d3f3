"""Draws how one chart shall be computed: houses and zodiac in sight, the rest folded until it is wanted."""

from __future__ import annotations

import streamlit as st

from components import playground_fields as fields
from components import playground_state as state
from components.playground_fields import Problems
from components.views import playground_chart as chart
from components.views.playground_fields import found
from components.wording import say


def draw(part: str, problems: Problems) -> None:
    timed = chart.is_timed(state.body(), part)
    if timed:
        fields.draw(chart.HOUSES.at(part), problems)
    sidereal = found(state.body(), chart.path(part, "zodiac")) == "sidereal"
    key = f"playground_zodiac_{part}"
    st.session_state[key] = "sidereal" if sidereal else "tropical"
    st.segmented_control(
        chart.ZODIAC.title, chart.ZODIAC.values, format_func=chart.ZODIAC.title_of, key=key, width="stretch", required=True,
        on_change=_turned, args=(part,),
    )  # fmt: skip
    fields.tell(chart.path(part, "zodiac"), problems)
    if sidereal:
        _ayanamsa(part, problems)
    with st.expander(say("playground.more"), key=f"playground_more_{part}", on_change="rerun") as more:
        if more.open:
            _more(part, problems)


def _turned(part: str) -> None:
    wanted = st.session_state[f"playground_zodiac_{part}"] == "sidereal"
    state.collect()
    if state.shows(part) and wanted is not (found(state.body(), chart.path(part, "zodiac")) == "sidereal"):
        state.load(chart.zodiac_chosen(state.body(), part, str(chart.AYANAMSA.default) if wanted else None))


def _ayanamsa(part: str, problems: Problems) -> None:
    key = f"playground_ayanamsa_{part}"
    st.session_state[key] = now = chart.ayanamsa_of(state.body(), part)
    st.selectbox(
        chart.AYANAMSA.title, [*chart.AYANAMSA.values, chart.CUSTOM], format_func=_ayanamsa_title, key=key, on_change=_shifted, args=(part,)
    )
    fields.tell(chart.path(part, "ayanamsa"), problems)
    if now == chart.CUSTOM:
        left, right = st.columns([1.25, 1], gap="small")
        fields.draw(chart.CUSTOM_DAY.at(part), problems, left)
        fields.draw(chart.CUSTOM_DEGREES.at(part), problems, right)
    fields.tell(chart.path(part, "custom_ayanamsa"), problems)


def _ayanamsa_title(value: str) -> str:
    return say("playground.custom_ayanamsa") if value == chart.CUSTOM else chart.AYANAMSA.title_of(value)


def _shifted(part: str) -> None:
    wanted = str(st.session_state[f"playground_ayanamsa_{part}"])
    state.collect()
    if state.shows(part) and wanted != chart.ayanamsa_of(state.body(), part):
        state.load(chart.zodiac_chosen(state.body(), part, wanted))


def _more(part: str, problems: Problems) -> None:
    body = state.body()
    houses = chart.is_timed(body, part)
    for field in chart.MORE:
        if houses or field.path not in chart.OF_HOUSES:
            fields.draw(field.at(part), problems)
        if field is chart.CENTER and found(body, chart.path(part, "center")) == "topocentric":
            fields.draw(chart.ALTITUDE.at(part), problems)
