"""Acts on regression sets that ask for a reason: their words, their preview, and the one service call behind each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from backend.actor import Actor
from backend.regression.record import LARGEST_ARCSECONDS, LARGEST_SECONDS, LONGEST_NOTE, LONGEST_TITLE, Entry, RegressionSet, Result, Run
from components import actions, markup
from components.actions import Act, Given
from components.services import services
from components.times import Watch
from components.views import differences as words
from components.wording import say


def accept(run: Run, results: Sequence[Result], watch: Watch) -> Act:
    """Expect from now on what was answered, of all these entries."""

    def perform(by: Actor, given: Given) -> str:
        count = services().regressions.accept(by, run.id, [one.entry_id for one in results], given.reason)
        return say("regressions.accepted", count=count)

    largest = max((one.largest_arcseconds for one in results), default=0.0)
    rows = [
        (say("regressions.effect"), say("regressions.accept_effect", count=len(results), at=watch.exact(run.asked_at))),
        (say("regressions.accept_largest"), words.size_words(largest)),
        *((say("regressions.entry_menu"), markup.text(one.title)) for one in results[:5]),
        (say("regressions.undo"), say("regressions.accept_undo")),
    ]
    return Act(f"accept_{run.id}", say("regressions.accept_verb"), say("regressions.accept_intro"), rows, perform, danger="watch")


def take_back(entry: Entry) -> Act:
    def perform(by: Actor, given: Given) -> str:
        return say("regressions.taken_back", number=services().regressions.take_back(by, entry.id, given.reason))

    rows = [
        (say("regressions.effect"), say("regressions.take_back_effect", number=entry.expectation)),
        (say("regressions.undo"), say("regressions.take_back_undo")),
    ]
    intro = say("regressions.take_back_intro", title=markup.text(entry.title))
    return Act(f"take_back_{entry.id}", say("regressions.take_back"), intro, rows, perform)


def remove_entry(entry: Entry) -> Act:
    def perform(by: Actor, given: Given) -> str:
        services().regressions.remove_entry(by, entry.id, given.reason)
        return say("regressions.entry_removed")

    rows = [(say("regressions.effect"), say("regressions.remove_entry_effect")), (say("regressions.undo"), say("regressions.no_undo"))]
    intro = say("regressions.take_back_intro", title=markup.text(entry.title))
    return Act(f"remove_{entry.id}", say("regressions.remove_entry"), intro, rows, perform, danger="held")


def change(found: RegressionSet) -> Act:
    """Other words, or another tolerance."""

    def fields(key: str, wrong: Mapping[str, str]) -> None:
        st.text_input(say("regressions.title"), found.title, key=f"{key}_title", max_chars=LONGEST_TITLE)
        actions.beside(wrong, "title")
        st.text_input(say("regressions.set_note"), found.note, key=f"{key}_note", max_chars=LONGEST_NOTE)
        actions.beside(wrong, "note")
        tolerances(key, found.tolerance.arcseconds, found.tolerance.seconds)

    def perform(by: Actor, given: Given) -> str:
        title, note = str(given.more["title"] or ""), str(given.more["note"] or "")
        arcseconds, seconds = float(given.more["arcseconds"]), float(given.more["seconds"])
        services().regressions.change(by, found.id, title, note, arcseconds, seconds, given.reason)
        return say("regressions.changed", title=markup.text(title))

    rows = [
        (say("regressions.effect"), say("regressions.change_effect")),
        (say("regressions.undo"), say("regressions.change_undo")),
    ]
    names = ("title", "note", "arcseconds", "seconds")
    key = f"change_{found.id}"
    return Act(key, say("regressions.change"), say("regressions.change_intro"), rows, perform, fields=fields, field_names=names)


def remove(found: RegressionSet) -> Act:
    def perform(by: Actor, given: Given) -> str:
        services().regressions.remove(by, found.id, given.reason)
        return say("regressions.removed", title=markup.text(found.title))

    rows = [
        (say("regressions.effect"), say("regressions.remove_effect", count=found.entries)),
        (say("regressions.undo"), say("regressions.no_undo")),
    ]
    intro = say("regressions.remove_intro", title=markup.text(found.title))
    return Act(f"remove_{found.id}", say("regressions.remove"), intro, rows, perform, danger="held")


def tolerances(key: str, arcseconds: float, seconds: float) -> None:
    """The two fields of a tolerance."""
    st.markdown(markup.soft(say("regressions.tolerances")))
    left, right = st.columns(2, gap="small")
    left.number_input(
        say("regressions.arcseconds"), 0.0, LARGEST_ARCSECONDS, arcseconds, step=0.01, format="%0.4f", key=f"{key}_arcseconds"
    )
    right.number_input(say("regressions.seconds"), 0.0, LARGEST_SECONDS, seconds, step=0.1, format="%0.3f", key=f"{key}_seconds")
