"""Draws an answer: what is lesser about it, its picture, its tables, where it comes from and how the request went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import streamlit as st

from backend.charts.second_opinion import CONVENTIONS, Opinion, second_opinion
from backend.errors import ServiceError
from components import frame, markup, tables
from components.playground_state import Run
from components.services import services
from components.session import Seen
from components.state import glyph, state
from components.views import playground as view
from components.views import playground_pictures as pictures
from components.views import playground_records as records
from components.views import playground_trace as trace
from components.views.playground_pictures import Picture
from components.wording import say

HEIGHT = 690
MOST_ROWS = 200
_OPINION = "playground_opinion"
_RECORD = "playground_record"


def is_round(run: Run) -> bool:
    return pictures.is_round(run.answer.body)


def look() -> str:
    return st.context.theme.type or "light"


def main(run: Run, seen: Seen) -> None:
    """What is lesser about the answer, its picture or main table, moment, provenance, files and trace."""
    document = run.answer.body
    for sentence in view.degradations(document, seen.watch):
        st.markdown(f"{state('watch', say('playground.degraded'))}: {sentence}")
    drawn = _picture(document)
    moment = view.moment_words(document)
    if moment:
        st.markdown(f":small[{moment}]")
    frame.provenance(*view.provenance(document, run.answer.took_seconds, run.answer.size))
    st.markdown(markup.soft(say("playground.status", status=run.answer.status, id=markup.code(run.answer.request_id))))
    with st.container(horizontal=True, gap="small"):
        downloads(run, drawn)
        _trace(run, seen)
    if document.get("kind") == "natal":
        _opinion(run)


def _picture(document: Mapping[str, Any]) -> Picture | None:
    """The answer's picture, drawn and given back; of several charts the one that is chosen."""
    inner, circle = pictures.inner_charts(document), pictures.CIRCLES[0]
    if inner:
        when = st.selectbox(say("playground.chart_of"), list(inner), key="playground_chart_of")
        document = inner.get(when, document)
    if document.get("kind") == "ephemeris":
        circle = st.segmented_control(
            say("playground.circle"), pictures.CIRCLES, format_func="{}°".format, key="playground_circle", default=circle, required=True
        )
    drawn = pictures.main_picture(document, look(), circle)
    if drawn:
        with st.container(border=True, gap="small"):
            st.image(drawn.svg, width="stretch", alt=drawn.words)
    return drawn


def side(run: Run) -> None:
    """The answer's tables in tabs, of which the open one is drawn; a chart's own ones, or whatever the document has."""
    document = run.answer.body
    if records.is_chart(document):
        _tabs(document, {"positions": _positions, "houses": _houses, "aspects": _aspects, "parts": _parts, "json": _raw})
    else:
        _tabs(document, {"tables": _sheets, "json": _raw})


def _tabs(document: Mapping[str, Any], drawers: dict[str, Any]) -> None:
    names = [name for name in drawers if name != "parts" or _part_sheets(document)]
    opened = st.tabs([say(f"playground.tab_{name}") for name in names], key=f"playground_tabs_{'_'.join(names)}", on_change="rerun")
    for tab, name in zip(opened, names, strict=True):
        if tab.open:
            with tab:
                drawers[name](document)


def _positions(document: Mapping[str, Any]) -> None:
    tables.rows(view.body_rows(document))
    for missing in document.get("unavailable") or []:
        st.markdown(markup.soft(f"{markup.text(missing['body'])}: {markup.text(str(missing['why']).replace('_', ' '))}"))


def _houses(document: Mapping[str, Any]) -> None:
    angles, houses = view.angle_rows(document), view.house_rows(document)
    if not houses:
        st.markdown(f"{glyph('info', 12)} {say('playground.no_houses')}")
    for rows in (angles, houses):
        if rows:
            tables.rows(rows)


def _aspects(document: Mapping[str, Any]) -> None:
    grid = pictures.grid(document, look())
    rows = view.aspect_rows(document)
    if grid is None:
        st.markdown(f"{glyph('info', 12)} {say('playground.no_aspects')}")
        return
    st.image(grid.svg, width="stretch", alt=grid.words)
    if rows:
        tables.rows(rows)


def _part_sheets(document: Mapping[str, Any]) -> list[records.Sheet]:
    """The parts of a natal document that were asked for, beyond those with a tab of their own."""
    return records.sheets(document, pictures.TOLD)


def _parts(document: Mapping[str, Any]) -> None:
    _choose(_part_sheets(document), f"playground_parts_of_{document['kind']}")


def _sheets(document: Mapping[str, Any]) -> None:
    _choose(records.all_sheets(document), f"playground_sheets_of_{document['kind']}")


def _choose(sheets: list[records.Sheet], key: str) -> None:
    """One of several tables, by its title."""
    if not sheets:
        st.markdown(f"{glyph('info', 12)} {say('playground.nothing_found')}")
        return
    number = st.selectbox(
        say("playground.table"), range(len(sheets)), format_func=lambda one: f"{sheets[one].title} ({len(sheets[one].records)})", key=key
    )
    tables.rows(sheets[number].rows[:MOST_ROWS])
    if len(sheets[number].records) > MOST_ROWS:
        st.markdown(markup.soft(say("playground.cut", shown=MOST_ROWS, count=len(sheets[number].records))))


def _raw(document: Mapping[str, Any]) -> None:
    st.code(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode(), language=None, height=HEIGHT - 60)


def downloads(run: Run, drawn: Picture | None) -> None:
    """The answer, and its picture as it is on the screen, as files; made when the popover is open."""
    with st.popover(say("playground.download"), key="playground_download", on_change="rerun") as popover:
        if not popover.open:
            return
        document, name = run.answer.body, f"{run.recipe.name}-{run.at:%Y%m%d-%H%M%S}"
        text = orjson.dumps(document, option=orjson.OPT_INDENT_2)
        st.download_button(say("playground.as_json"), text, f"{name}.json", "application/json", key="playground_as_json", width="stretch")
        if drawn:
            st.download_button(
                say("playground.as_svg"), drawn.svg, f"{name}.svg", "image/svg+xml", key="playground_as_svg", width="stretch"
            )
        sheets = records.all_sheets(document)
        if sheets:
            number = st.selectbox(
                say("playground.table"), range(len(sheets)), format_func=lambda one: sheets[one].title, key="playground_csv_sheet"
            )
            st.download_button(
                say("playground.as_csv"),
                records.csv_of(sheets[number]),
                f"{name}.csv",
                "text/csv",
                key="playground_as_csv",
                width="stretch",
            )


def _trace(run: Run, seen: Seen) -> None:
    """The request by its id: what the answer's headers say, and what was kept of it."""
    answer = run.answer
    with st.popover(say("playground.trace"), key="playground_trace", on_change="rerun") as popover:
        if not popover.open:
            return
        frame.provenance(*trace.told(answer.headers))
        if answer.request_id:
            st.button(say("playground.look_up"), key="playground_look_up", on_click=_look_up, args=(answer.request_id, seen))
        found = st.session_state.get(_RECORD)
        if found and found[0] == answer.request_id:
            _record(found[1])


def _look_up(request_id: str, seen: Seen) -> None:
    try:
        st.session_state[_RECORD] = (request_id, services().monitoring.request(seen.actor, request_id))
    except ServiceError as error:
        st.session_state[_RECORD] = (request_id, error.detail)


def _record(found: Any) -> None:
    if isinstance(found, str):
        st.markdown(f"{glyph('watch', 12)} {markup.sentence(found)}")
    else:
        frame.provenance(*trace.record_lines(found))


def _opinion(run: Run) -> None:
    """The planets by another ephemeris; asked for by a click, as it takes a second or two."""
    with st.expander(say("playground.opinion"), key="playground_opinion_open", on_change="rerun") as expander:
        if not expander.open:
            return
        st.markdown(markup.soft(CONVENTIONS))
        found: tuple[str, Opinion] | None = st.session_state.get(_OPINION)
        if found is None or found[0] != run.answer.request_id:
            if not st.button(say("playground.ask_opinion"), key="playground_ask_opinion"):
                return
            with st.spinner(say("playground.asking_opinion")):
                found = (run.answer.request_id, second_opinion(run.answer.body))
            st.session_state[_OPINION] = found
        st.markdown(trace.opinion_verdict(found[1]))
        if found[1].differences:
            tables.rows(trace.opinion_rows(found[1]))
