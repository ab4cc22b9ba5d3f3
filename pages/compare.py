"""Compare: two runs beside each other, what differs most first, and whether the clock alone explains it."""

import streamlit as st

from backend.actor import Permission
from backend.charts.drawing.looks import Look
from backend.charts.drawing.wheel import alternative, draw_wheel
from backend.charts.vocabulary import HOUSE_SYSTEM_TITLES, ZODIAC_TITLES
from backend.errors import ServiceError
from backend.regression.values import Tolerance
from components import compared, frame, markup, navigation, session, tables
from components.state import glyph, state
from components.views import compare as view
from components.views import differences as words
from components.wording import say

seen = session.require(Permission.COMPUTE_CHARTS)
ANOTHER, CHANGED = "another", "changed"


def point(side):
    """The chosen case stands in the address; what it holds does not."""
    st.query_params[side] = st.session_state[f"compare_{side}"]


def choice(side, known, fallback):
    """The case of one side: the address's, else the fallback; a case that is not listed may be opened all the same."""
    asked = st.query_params.get(side) or fallback
    options = dict.fromkeys([*known, *([asked] if asked else [])])
    key = f"compare_{side}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = asked
    return st.selectbox(
        say("compare.case"),
        list(options),
        format_func=lambda one: view.case_words(known[one], seen.watch) if one in known else markup.brief_id(one),
        key=key,
        on_change=point,
        args=(side,),
        label_visibility="collapsed",
    )


def side_card(run):
    """What one side is, in a line each for the request and its making."""
    document = run.document
    if document is None:
        st.markdown(f"{glyph('bad', 12)} {markup.sentence(run.problem or str((run.answer and run.answer.body.get('detail')) or ''))}")
        for error in (run.answer.body.get("errors") or []) if run.answer else []:
            st.markdown(markup.soft(f"{markup.text(error.get('name', ''))} {markup.text(error.get('detail', ''))}"))
        return
    st.markdown(view.about(document))
    st.markdown(markup.soft(view.made_with(document)))
    for sentence in view.lesser(document):
        st.markdown(f"{state('watch', say('compare.degraded'))}: {sentence}")
    st.page_link(
        navigation.page("playground"),
        label=say("compare.to_playground"),
        query_params={"case": run.case_id},
        width="content",
    )


def settings():
    """The settings that run B has instead of run A's."""
    houses = {None: say("compare.as_in_a"), **{one.value: title for one, title in HOUSE_SYSTEM_TITLES.items()}}
    zodiacs = {None: say("compare.as_in_a"), **{one.value: title for one, title in ZODIAC_TITLES.items()}}
    theories = {None: say("compare.as_in_a"), "files": say("compare.files"), "moshier": say("compare.moshier")}
    chosen = {}
    columns = st.columns(3, gap="small")
    fields = (("house_system", "houses", houses), ("zodiac", "zodiac", zodiacs), ("ephemeris", "ephemeris", theories))
    for column, (name, label, options) in zip(columns, fields, strict=True):
        chosen[name] = column.selectbox(
            say(f"compare.{label}"), list(options), format_func=options.__getitem__, key=f"compare_{name}", bind="query-params"
        )
    return chosen


def named():
    """The cases that the address names."""
    return [st.query_params[side] for side in ("left", "right") if st.query_params.get(side)]


def sides(known):
    """Both runs, as they are chosen."""
    newest = [*known, *named()][:2]
    left, right = st.columns(2, gap="small")
    with left, frame.card(say("compare.run_a"), height="stretch"):
        first = compared.run_of(seen.actor, choice("left", known, newest[-1]))
        side_card(first)
    ways = {ANOTHER: say("compare.another"), CHANGED: say("compare.changed")}
    with right, frame.card(say("compare.run_b"), height="stretch"):
        way = st.segmented_control(
            say("compare.way"),
            list(ways),
            format_func=ways.__getitem__,
            default=ANOTHER if len(known) > 1 else CHANGED,
            key="compare_way",
            bind="query-params",
            required=True,
            label_visibility="collapsed",
        )
        if way == CHANGED:
            second = compared.other_settings(first, settings())
        else:
            second = compared.run_of(seen.actor, choice("right", known, newest[0]))
        side_card(second)
    return first, second


def cell(kind, text):
    marked = {"strong": f"**{text}**", "bad": f":red[**{text}**]", "": text}
    return marked[kind] if kind in marked else state(kind, text, 12)


def differences(sight):
    with frame.card(
        say("compare.differences"), markup.soft(say("compare.differences_note", tolerance=view.tolerance_words(sight.tolerance)))
    ):
        found = view.rows(sight)
        if not found:
            st.markdown(f"{glyph('ok', 12)} {say('compare.none_differ')}")
            return
        tables.rows([{name: cell(*value) for name, value in row.items()} for row in found])
        more = len(sight.figures) - len(found)
        if more > 0:
            st.markdown(markup.soft(say("compare.more", count=more)))


def asked(sight):
    with frame.card(say("compare.settings")):
        found = view.asked_rows(sight)
        if found:
            tables.rows(found)
        else:
            st.markdown(f"{glyph('ok', 12)} {say('compare.settings_none')}")


def wheels(*documents):
    """Both charts, small, where both can be drawn."""
    if not all({"bodies", "houses"} <= set(document) for document in documents):
        return
    look = Look.DARK if st.context.theme.type == "dark" else Look.LIGHT
    for column, title, document in zip(st.columns(2, gap="small"), ("run_a", "run_b"), documents, strict=True):
        with column, frame.card(say(f"compare.{title}")):
            st.image(draw_wheel([document], look), width="stretch", alt=alternative([document]))


def result(first, second, tolerance):
    for side, run in (("A", first), ("B", second)):
        if run.document is None:
            frame.verdict("bad", say("compare.gone" if run.problem else "compare.no_answer", side=side), markup.sentence(run.problem))
            return
    same = compared.at_the_same_instant(first, second)
    sight = view.sight(first.document, second.document, tolerance, same)
    frame.verdict(*view.verdict(sight))
    asked(sight)
    differences(sight)
    st.download_button(
        say("compare.csv"),
        words.table((*sight.comparison.asked, *sight.figures), tolerance),
        "differences.csv",
        "text/csv",
        key="compare_csv",
        help=say("compare.csv_help"),
    )
    wheels(first.document, second.document)


def bar():
    """The tolerance, and a way to ask anew."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom", gap="small"):
        st.button(say("compare.again"), key="compare_again", on_click=compared.forget)
        size = st.selectbox(
            say("compare.tolerance"),
            view.TOLERANCES,
            index=view.TOLERANCES.index(1.0),
            format_func=lambda size: say("compare.tolerance_option", size=size),
            key="compare_tolerance",
            bind="query-params",
            width=140,
        )
    return Tolerance(size, max(size, 1.0))


frame.header("Compare", say("compare.note"))
try:
    known = compared.cases(seen.actor)
    if not known and not named():
        with st.container(border=True):
            st.markdown(f"{glyph('info', 12)} {say('compare.empty')}")
            st.page_link(navigation.page("playground"), label="Playground", width="content")
    else:
        result(*sides(known), bar())
except ServiceError as error:
    frame.refused(error)
