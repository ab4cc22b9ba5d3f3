"""Cases on screen: lists to pick from, and what may be done with the picked one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from backend.accounts.cases import LONGEST_TITLE, Case
from backend.actor import Permission
from backend.errors import ServiceError
from components import case_acts, frame, markup, navigation, session, tables
from components.services import services
from components.state import glyph
from components.views import cases as view
from components.wording import say

HEIGHT = 330


def lists(seen: session.Seen, asked: str | None) -> Case | None:
    """One's own cases and the team's; the one that was picked last, or that the address names."""
    own = services().cases.own(seen.actor)
    shared = services().cases.shared(seen.actor) if seen.actor.may(Permission.SEE_TEAM_CASES) else []
    others = [case for case in shared if case.owner_id != seen.actor.id]
    with frame.card(say("cases.mine"), markup.soft(say("cases.mine_note"))):
        picked = _grid("mine", own, view.rows(own, seen.watch), seen)
    if seen.actor.may(Permission.SEE_TEAM_CASES):
        with frame.card(say("cases.team"), markup.soft(say("cases.team_note"))):
            picked = _grid("team", others, view.team_rows(others, seen.watch), seen) or picked
    return picked or view.by_id([*own, *others], asked)


def _grid(name: str, cases: Sequence[Case], rows: list[dict[str, str]], seen: session.Seen) -> Case | None:
    """A row is meant by the case that was drawn there: another list is another grid, so that no pick slides to a neighbour."""
    if not cases:
        st.markdown(f"{glyph('info', 12)} {say(f'cases.{name}_empty')}")
        return None
    drawn: Any = st.dataframe(
        rows,
        key=f"cases_{name}_{cases[0].id}_{len(cases)}",
        hide_index=True,
        row_height=30 if seen.compact else 36,
        height=HEIGHT if len(cases) > 8 else "content",
        on_select="rerun",
        selection_mode="single-row",
        alt=say(f"cases.{name}"),
    )
    chosen = drawn["selection"]["rows"]
    return cases[chosen[0]] if chosen and chosen[0] < len(cases) else None


def card(case: Case | None, seen: session.Seen) -> None:
    """What is told of a case, and what this operator may do with it."""
    height: Literal["stretch"] = "stretch"
    with st.container(border=True, gap="small", height=height):
        if case is None:
            frame.title_row(say("cases.one"))
            st.markdown(f"{glyph('info', 12)} {say('cases.pick')}")
            return
        frame.title_row(markup.text(case.title) if case.title else say("cases.untitled"))
        tables.rows(view.facts(case, seen.watch), header=False)
        with st.container(horizontal=True, gap="small"):
            st.page_link(navigation.page("playground"), label=say("cases.open"), query_params={"case": case.id}, width="content")
            st.page_link(navigation.page("compare"), label=say("cases.compare"), query_params={"left": case.id}, width="content")
        if case.owner_id == seen.actor.id:
            _own_acts(case)
        if seen.actor.may(Permission.KEEP_REGRESSIONS):
            _to_a_set(case, seen)


def _own_acts(case: Case) -> None:
    with st.form(f"cases_rename_{case.id}", border=False):
        st.text_input(
            say("cases.title"), case.title, key=f"cases_title_{case.id}", max_chars=LONGEST_TITLE, placeholder=say("cases.title_hint")
        )
        st.form_submit_button(say("cases.rename"), on_click=case_acts.rename, args=(case.id,))
    with st.container(horizontal=True, gap="small"):
        if case.is_shared:
            st.button(say("cases.unshare"), key=f"cases_unshare_{case.id}", on_click=case_acts.unshare, args=(case.id,))
        else:
            _sharing(case)
        with st.popover(say("cases.delete")):
            st.markdown(say("cases.delete_sure"))
            st.button(say("cases.delete_now"), key=f"cases_delete_{case.id}", on_click=case_acts.delete, args=(case.id,))


def _sharing(case: Case) -> None:
    with st.popover(say("cases.share"), key=f"cases_sharing_{case.id}", on_change="rerun"):
        st.markdown(say("cases.share_help"))
        st.text_input(
            say("cases.team_title"), key=f"cases_team_title_{case.id}", max_chars=LONGEST_TITLE, placeholder=say("cases.title_hint")
        )
        st.button(say("cases.share_now"), key=f"cases_share_{case.id}", on_click=case_acts.share, args=(case.id,))


def _to_a_set(case: Case, seen: session.Seen) -> None:
    """Its request as an entry of a regression set."""
    try:
        titles = {one.id: one.title for one, _ in services().regressions.sets(seen.actor)}
    except ServiceError:
        return  # the list of sets below says that it cannot be known
    with st.popover(say("cases.add"), key=f"cases_adding_{case.id}", on_change="rerun"):
        if not titles:
            st.markdown(say("cases.no_set"))
            return
        st.markdown(say("cases.add_intro"))
        st.selectbox(say("cases.add_set"), list(titles), format_func=titles.__getitem__, key=f"cases_set_{case.id}")
        st.text_input(
            say("cases.add_title"), view.suggested_title(case), key=f"cases_entry_{case.id}", max_chars=LONGEST_TITLE,
            help=say("cases.no_birth_data"),
        )  # fmt: skip
        st.button(say("cases.add_now"), key=f"cases_add_{case.id}", on_click=case_acts.add_to_set, args=(case.id, titles))
