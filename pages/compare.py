"""Compare: two runs beside each other, what differs most first, and whether the clock alone explains it."""

import streamlit as st

from backend.actor import Permission
from backend.charts.drawing.looks import Look
from backend.charts.drawing.wheel import alternative, draw_wheel
from backend.charts.vocabulary import HOUSE_SYSTEM_TITLES, ZODIAC_TITLES
from backend.errors import ServiceError
from backend.regression.values import Tolerance
from components import address, compared, frame, markup, navigation, session, tables
from components.state import glyph, state
from components.views import compare as view
from components.views import differences as words
from components.wording import say

seen = session.require(Permission.COMPUTE_CHARTS)
ANOTHER, CHANGED, USUAL, WHEEL_WIDTH = "another", "changed", 1.0, 420


def choice(side, known, fallback):
    """The case of one side: the address's, else the fallback; a case that is not listed may be opened all the same."""
    options = list(dict.fromkeys([*known, *([fallback] if fallback else []), *named()]))
    key = f"compare_{side}"
    address.begin(key, side, options, fallback)
    return st.selectbox(
        say("compare.case"),
        options,
        format_func=lambda one: view.case_words(known[one], seen.watch) if one in known else markup.brief_id(one),
        key=key,
        on_change=address.writing(key, side, None),
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
    houses = {"": say("compare.as_in_a"), **{one.value: title for one, title in HOUSE_SYSTEM_TITLES.items()}}
    zodiacs = {"": say("compare.as_in_a"), **{one.value: title for one, title in ZODIAC_TITLES.items()}}
    theories = {"": say("compare.as_in_a"), "files": say("compare.files"), "moshier": say("compare.moshier")}
    fields = (("house_system", "houses", houses), ("zodiac", "zodiac", zodiacs), ("ephemeris", "ephemeris", theories))
    chosen = {}
    for column, (name, label, options) in zip(st.columns(3, gap="small"), fields, strict=True):
        key = f"compare_{name}"
        address.begin(key, name, list(options), "")
        changing = address.writing(key, name, "")
        chosen[name] = column.selectbox(
            say(f"compare.{label}"), list(options), format_func=options.__getitem__, key=key, on_change=changing
        )
    return chosen


def way_of(count):
    """Whether run B is another case or run A with other settings."""
    ways, key = {ANOTHER: say("compare.another"), CHANGED: say("compare.changed")}, "compare_way"
    default = ANOTHER if count > 1 else CHANGED
    address.begin(key, "way", list(ways), default)
    return st.segmented_control(
        say("compare.way"),
        list(ways),
        format_func=ways.__getitem__,
        key=key,
        on_change=address.writing(key, "way", default),
        required=True,
        label_visibility="collapsed",
    )


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
    with right, frame.card(say("compare.run_b"), height="stretch"):
        way = way_of(len(known))
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
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
            note = markup.soft(say("compare.differences_note", tolerance=view.tolerance_words(sight.tolerance)))
            st.markdown(f"#### {say('compare.differences')}\u2002{note}", width="content", anchors=False)
            tools(sight)
        found = view.rows(sight)
        if not found:
            st.markdown(f"{glyph('ok', 12)} {say('compare.none_differ')}")
            return
        tables.rows([{name: cell(*value) for name, value in row.items()} for row in found])
        more = len(sight.figures) - len(found)
        if more > 0:
            st.markdown(markup.soft(say("compare.more", count=more)))


def tools(sight):
    """The tolerance, a way to ask anew, and all differences as a file."""
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small", width="content"):
        st.selectbox(
            say("compare.tolerance"),
            view.TOLERANCES,
            format_func=lambda size: say("compare.tolerance_option", size=size),
            key="compare_tolerance",
            on_change=address.writing("compare_tolerance", "tolerance", USUAL),
            width=170,
            label_visibility="collapsed",
        )
        st.button(say("compare.again"), key="compare_again", on_click=compared.forget)
        table = words.table((*sight.comparison.asked, *sight.figures), sight.tolerance)
        st.download_button(say("compare.csv"), table, "differences.csv", "text/csv", key="compare_csv", help=say("compare.csv_help"))


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
        with column, frame.card(say(f"compare.{title}")), st.container(horizontal_alignment="center"):
            st.image(draw_wheel([document], look), width=WHEEL_WIDTH, alt=alternative([document]))


def result(first, second):
    for side, run in (("A", first), ("B", second)):
        if run.document is None:
            frame.verdict("bad", say("compare.gone" if run.problem else "compare.no_answer", side=side), markup.sentence(run.problem))
            return
    address.begin("compare_tolerance", "tolerance", view.TOLERANCES, USUAL)
    size = st.session_state["compare_tolerance"]
    same = compared.at_the_same_instant(first, second)
    sight = view.sight(first.document, second.document, Tolerance(size, max(size, 1.0)), same)
    frame.verdict(*view.verdict(sight))
    asked(sight)
    differences(sight)
    wheels(first.document, second.document)


frame.header("Compare", say("compare.note"))
try:
    known = compared.cases(seen.actor)
    if not known and not named():
        with st.container(border=True):
            st.markdown(f"{glyph('info', 12)} {say('compare.empty')}")
            st.page_link(navigation.page("playground"), label="Playground", width="content")
    else:
        result(*sides(known))
except ServiceError as error:
    frame.refused(error)
