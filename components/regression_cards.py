"""Regression sets on screen: the list of them, one with its verdict, versions, drift and history."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from backend.actor import Permission
from backend.regression.record import KEPT_RUNS, LONGEST_NOTE, LONGEST_TITLE, Entry, Result, Run, Versions
from backend.regression.sets import SetView
from components import actions, address, case_acts, frame, markup, regression_acts, session, tables
from components.actions import Offer
from components.services import services
from components.state import glyph, state
from components.views import differences as words
from components.views import regressions as view
from components.views.compare import tolerance_words
from components.wording import say


def all_sets(seen: session.Seen) -> None:
    """Every set with its newest run, and a form for another."""
    with frame.card(say("regressions.sets"), markup.soft(say("regressions.sets_note"))):
        found = services().regressions.sets(seen.actor)
        if not found:
            st.markdown(f"{glyph('info', 12)} {say('regressions.none')}")
        for one, run in found:
            title = markup.text(one.title)
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
                st.markdown(f"**{title}**  \n{markup.soft(view.set_words(one, run, seen.watch))}", width="stretch")
                st.markdown(state(*view.state_of(run)), width="content")
                address.link(f"{say('regressions.open')} {title}", f"regressions_open_{one.id}", set=one.id)
        if seen.actor.may(Permission.KEEP_REGRESSIONS):
            _creation()


def _creation() -> None:
    popover = st.popover(say("regressions.create"), key=case_acts.CREATING, on_change="rerun")
    with popover, st.form("regressions_form", border=False, clear_on_submit=True):
        st.text_input(say("regressions.title"), key="regressions_title", max_chars=LONGEST_TITLE, help=say("regressions.no_personal"))
        st.text_input(say("regressions.set_note"), key="regressions_set_note", max_chars=LONGEST_NOTE)
        regression_acts.tolerances("regressions", 0.01, 1.0)
        st.form_submit_button(say("regressions.create_now"), on_click=case_acts.create_set)


def progress(run: Run, seen: session.Seen) -> None:
    """How far the open run has come, and its end by hand."""
    with st.container(border=True, gap="small"):
        words_now = say("regressions.running", done=run.done, total=run.total)
        frame.title_row(state("pending", words_now), markup.soft(view.why_words(run)))
        st.progress(run.done / max(run.total, 1), text=words_now)
        if not run.done:
            st.markdown(markup.soft(say("regressions.waiting", at=seen.watch.exact(run.asked_at))))
        if seen.actor.may(Permission.RUN_REGRESSIONS):
            st.button(say("regressions.cancel"), key=f"regressions_cancel_{run.id}", on_click=case_acts.cancel_run, args=(run.id,))


def verdict(run: Run | None, results: Sequence[Result], seen: session.Seen) -> None:
    frame.verdict(*view.verdict(run, results, seen.watch))


def about(found: SetView, run: Run | None, seen: session.Seen) -> None:
    """The set's own facts, and the versions then and now."""
    with frame.card(say("regressions.about"), height="stretch"):
        if found.set.note:
            st.markdown(markup.text(found.set.note))
        rows = (
            ("tolerance", tolerance_words(found.set.tolerance)),
            ("entries", str(len(found.entries))),
            ("by", f"{markup.text(found.set.created_by)}, {seen.watch.clock(found.set.created_at)}"),
        )
        tables.rows([{"a": f":gray[{say(f'regressions.{name}')}]", "b": text} for name, text in rows], header=False)
        st.markdown(f"##### {say('regressions.versions')}", anchors=False)
        tables.rows(view.version_rows(_expected_with(found, seen), run.versions if run else None))


def _expected_with(found: SetView, seen: session.Seen) -> Versions | None:
    """The versions of the newest answer that is expected; of a set whose entries differ in this, the first entry's."""
    if not found.entries:
        return None
    standing = [one for one in services().regressions.expectations(seen.actor, found.entries[0].id) if one.withdrawn_at is None]
    return standing[0].versions if standing else None


def history(found: SetView, shown: Run | None, seen: session.Seen) -> None:
    """The kept runs, each to be looked at."""
    with frame.card(say("regressions.history"), markup.soft(say("regressions.history_note", kept=KEPT_RUNS)), height="stretch"):
        if not found.runs:
            st.markdown(f"{glyph('info', 12)} {say('regressions.not_run')}")
        for run in found.runs[:10]:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
                st.markdown(f"{state(*view.state_of(run), 12)}  \n{markup.soft(view.why_words(run))}", width="stretch")
                at = seen.watch.clock(run.asked_at)
                if shown is not None and run.id == shown.id:
                    st.markdown(f"**{at}**", width="content")
                else:
                    address.link(at, f"regressions_at_{run.id}", set=found.set.id, run=run.id)


def drift(found: SetView, run: Run | None, results: Sequence[Result], seen: session.Seen) -> None:
    """What came of each entry, the worst first; its differences, the largest first; what may be done about it."""
    entries = {entry.id: entry for entry in found.entries}
    with frame.card(say("regressions.drift"), markup.soft(say("regressions.drift_note"))):
        if not results:
            st.markdown(f"{glyph('info', 12)} {say('regressions.drift_none')}")
        for result in results:
            _entry_result(result, entries.get(result.entry_id), run, seen)
        if run and any(result.differences for result in results):
            table = words.table(view.all_differences(results), run.tolerance)
            name = f"drift-{results[0].run_id}.csv"
            st.download_button(say("regressions.csv"), table, name, "text/csv", key="regressions_csv", help=say("compare.csv_help"))


def _entry_result(result: Result, entry: Entry | None, run: Run | None, seen: session.Seen) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        title = markup.text(result.title or markup.brief_id(result.entry_id))
        st.markdown(f"{state(*view.KINDS[result.verdict])} **{title}** {markup.soft(view.entry_words(result))}", width="stretch")
        if entry is not None:
            entry_menu(entry, seen)
    if run and result.differences:
        tables.rows(view.drift_rows(result, run.tolerance))
        more = len(result.differences) + result.more - view.MOST_DIFFERENCES
        if more > 0:
            st.markdown(markup.soft(say("regressions.and_more", count=more)))


def entry_menu(entry: Entry, seen: session.Seen) -> None:
    """What was expected of the entry when, and what may be done with it; no dialog is opened from a popover, which would cover it."""
    with st.container(horizontal=True, gap="small", width="content"):
        with st.popover(say("regressions.expects", number=entry.expectation), key=f"expects_{entry.id}", on_change="rerun") as popover:
            if popover.open:
                for one in services().regressions.expectations(seen.actor, entry.id):
                    st.markdown(view.expectation_words(one, seen.watch))
                st.button(say("regressions.open_entry"), key=f"open_entry_{entry.id}", on_click=case_acts.open_entry, args=(entry.id,))
        offers = []
        if seen.actor.may(Permission.ACCEPT_EXPECTATIONS) and entry.expectation > 1:
            offers.append(Offer(f"take_back_{entry.id}", say("regressions.take_back"), lambda: regression_acts.take_back(entry)))
        if seen.actor.may(Permission.KEEP_REGRESSIONS):
            offers.append(Offer(f"remove_{entry.id}", say("regressions.remove_entry"), lambda: regression_acts.remove_entry(entry), "held"))
        actions.menu(say("regressions.more"), offers, f"entry_more_{entry.id}")


def entries(found: SetView, seen: session.Seen) -> None:
    """The entries of a set that was not run yet."""
    with frame.card(say("regressions.entries")):
        if not found.entries:
            st.markdown(f"{glyph('info', 12)} {say('regressions.no_entry')}. {say('regressions.none')}")
        for entry in found.entries:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
                st.markdown(
                    f"**{markup.text(entry.title or markup.brief_id(entry.id))}** {markup.soft(markup.text(entry.technique))}",
                    width="stretch",
                )
                entry_menu(entry, seen)


def acts(found: SetView, run: Run | None, results: Sequence[Result], seen: session.Seen) -> None:
    """What may be done with the set; drawn by the page, as a dialog must not be opened by a timer."""
    is_open = bool(found.runs and found.runs[0].is_open)
    if seen.actor.may(Permission.RUN_REGRESSIONS) and found.entries:
        st.button(
            say("regressions.run"),
            key="regressions_run",
            type="primary",
            disabled=is_open,
            on_click=case_acts.run_set,
            args=(found.set.id,),
        )
    acceptable = view.acceptable(results, found.entries)
    if run is not None and acceptable and seen.actor.may(Permission.ACCEPT_EXPECTATIONS):
        offer = Offer(f"accept_{run.id}", say("regressions.accept"), lambda: regression_acts.accept(run, acceptable, seen.watch), "watch")
        actions.opener_of(offer)
    if seen.actor.may(Permission.KEEP_REGRESSIONS):
        more = [
            Offer(f"change_{found.set.id}", say("regressions.change"), lambda: regression_acts.change(found.set)),
            Offer(f"remove_{found.set.id}", say("regressions.remove"), lambda: regression_acts.remove(found.set)),
        ]
        actions.menu(say("regressions.more"), more, "regressions_more")
