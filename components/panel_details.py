"""One panel by itself: a larger chart, its numbers as a table, the queries behind it with what they cost, and ways to go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from backend.monitoring.dashboards.asking import Asked
from backend.monitoring.dashboards.service import PanelAnswer
from components import frame, markup, navigation, panels, tables, traffic_marks
from components.recent import WORDS
from components.services import services
from components.session import Seen
from components.state import state, theme
from components.times import seconds_word
from components.traffic_head import Chosen
from components.turns import TURNS
from components.views import panel_export, panel_numbers, ranges
from components.views import panels as view
from components.views.plots import Plot
from components.views.readings import value_of
from components.wording import say

HEIGHT = 300
_SERVER = "server of panels"


def draw(seen: Seen, now: Chosen, choose: Callable[[datetime, datetime], None]) -> None:
    """The panel that the address names."""
    st.button(f"← {say('traffic.all_panels')}", key="traffic_back", type="tertiary", on_click=_back)
    panel = now.board.panel(st.query_params.get("panel", ""))
    if panel is None:
        frame.verdict("neutral", say("traffic.unknown_panel"), "")
        return
    WORDS.begin(_SERVER, services().clock, services().boards.server)
    running = services().boards.run(seen.actor, now.board.name, now.window, (panel.id,))
    with TURNS.away():
        answer = running.panel(panel.id)
    marks = traffic_marks.around(seen, now.span)
    plot = Plot(now.span.start, now.span.end, now.window.step_seconds, seen.watch, theme(), **traffic_marks.on_charts(marks, now.span))
    key = f"detail_{now.board.name}_{'_'.join(now.span.params().values())}"
    place = panels.Place(plot, key, choose)
    with st.container(border=True, gap="small"):
        panels.title(answer, place)
        if panel.about:
            st.markdown(markup.soft(markup.text(panel.about)))
        panels.content(answer, view.trouble(answer, seen.watch), place, height=HEIGHT, labelled=True)
    left, right = st.columns([1.3, 1], gap="small")
    with left:
        _numbers(answer, seen)
    with right:
        _ways(answer, now, seen)
    _queries(answer)
    traffic_marks.listed(marks, seen, now.span)


def _back() -> None:
    st.query_params.pop("panel", None)


def _numbers(answer: PanelAnswer, seen: Seen) -> None:
    rows = panel_numbers.rows(answer, seen.watch)
    with frame.card(say("traffic.values"), markup.soft(say("traffic.values_note", count=len(rows))), height="stretch"):
        if rows:
            tables.rows([{say(f"traffic.{name}"): value for name, value in row.items()} for row in rows[:20]])
        else:
            st.markdown(markup.soft(say("traffic.no_rows")))
        with st.container(horizontal=True, gap="small"):
            stem = f"{answer.panel.id}-{answer.asked[0].end:%Y%m%dT%H%M%SZ}"
            st.download_button(
                say("traffic.csv"), lambda: panel_export.as_csv(answer), f"{stem}.csv", "text/csv", key="traffic_csv",
                help=say("traffic.export_help"), on_click="ignore",
            )  # fmt: skip
            st.download_button(
                say("traffic.json"), lambda: panel_export.as_json(answer), f"{stem}.json", "application/json", key="traffic_json",
                help=say("traffic.export_help"), on_click="ignore",
            )  # fmt: skip


def _ways(answer: PanelAnswer, now: Chosen, seen: Seen) -> None:
    """On to logs, requests and audit of the same time, and of the same value where one is chosen."""
    fixed = now.span.fixed()
    with frame.card(
        say("traffic.at_that_time"),
        markup.soft(f"{ranges.TimeRange(now.span.start, now.span.end).words(seen.watch)} {seen.watch.name}"),
        height="stretch",
    ):
        for title, page, params in panel_numbers.ways(answer.panel, now.values):
            if _may_open(page, seen):
                st.page_link(navigation.page(page), label=f"{title} →", query_params={**params, **fixed})
        if _may_open("explorer", seen):
            asked = {letter: one.text for letter, one in zip("abcdefgh", answer.asked, strict=False)}
            st.page_link(navigation.page("explorer"), label=f"{say('traffic.explore')} →", query_params={**asked, **fixed})


def _may_open(page: str, seen: Seen) -> bool:
    """A page that is there, and that this operator may see."""
    entry = navigation.BY_NAME.get(page)
    return entry is not None and seen.actor.may(entry.permission)


def _queries(answer: PanelAnswer) -> None:
    with frame.card(say("traffic.queries"), markup.soft(_server())):
        for query, one in zip(answer.panel.queries, answer.asked, strict=True):
            if len(answer.asked) > 1:
                st.markdown(f"**{markup.text(query.legend or query.expr)}**")
            st.code(one.text, language=None, wrap_lines=True)
            frame.provenance(*_cost(one))
            _said(one)


def _cost(one: Asked) -> Sequence[tuple[str, str]]:
    found = one.result
    points = sum(len(curve.values) for curve in found.curves) if found else None
    return (
        (say("traffic.took"), seconds_word(one.took_seconds)),
        (say("traffic.series"), f"{len(found.curves):,}" if found else "–"),
        (say("traffic.points"), f"{points:,}" if points is not None else "–"),
        (say("traffic.samples"), say("traffic.unknown") if found is None or found.samples is None else f"{found.samples:,}"),
        (say("traffic.step"), f"{one.step_seconds:g}\u00a0s"),
        (say("traffic.span"), f"{ranges.written(one.start)} – {ranges.written(one.end)}"),
    )


def _said(one: Asked) -> None:
    """What the server warned of, and what is wrong."""
    if one.problem is not None:
        st.markdown(f"{state('bad', say('traffic.wrong'))} {markup.sentence(one.problem.detail)}")
    for kind, texts in (("warning", one.result.warnings), ("info", one.result.infos)) if one.result else ():
        for text in texts:
            st.markdown(f"{state('watch' if kind == 'warning' else 'info', say(f'traffic.{kind}'), 12)} {markup.sentence(text)}")


def _server() -> str:
    told = value_of(WORDS.value(_SERVER, services().clock, services().boards.server))
    if told is None:
        return say("traffic.server_unknown")
    return say(f"traffic.server_{'embedded' if told.kind == 'embedded' else 'prometheus'}", version=markup.text(told.version))
