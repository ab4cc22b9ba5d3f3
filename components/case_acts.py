"""What one may do with a case, each in a callback of its own button: done by a service that checks again, and said once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.actor import Actor
from components import clicks, markup
from components.services import services
from components.wording import say

PROBLEM = "cases_problem"
CREATING = "regressions_creating"
_OUTCOME = "actions_outcome"


def done(outcome: str, act: Callable[[Actor], object]) -> bool:
    """Do something for whoever is signed in now, and say what came of it; whether it was done."""
    return clicks.done(outcome, act, told=_OUTCOME, problem=PROBLEM)


def problem() -> str | None:
    """What went wrong at the last click; said once."""
    told: str | None = st.session_state.pop(PROBLEM, None)
    return told


def rename(case_id: str) -> None:
    title = str(st.session_state.get(f"cases_title_{case_id}") or "")
    done(say("cases.renamed", title=markup.text(title)), lambda by: services().cases.rename(by, case_id, title))


def share(case_id: str) -> None:
    title = str(st.session_state.get(f"cases_team_title_{case_id}") or "")
    if done(say("cases.shared", title=markup.text(title)), lambda by: services().cases.share(by, case_id, title)):
        st.session_state[f"cases_sharing_{case_id}"] = False


def unshare(case_id: str) -> None:
    done(say("cases.unshared"), lambda by: services().cases.unshare(by, case_id))


def delete(case_id: str) -> None:
    if done(say("cases.deleted"), lambda by: services().cases.delete(by, case_id)) and st.query_params.get("case") == case_id:
        del st.query_params["case"]


def add_to_set(case_id: str, titles: dict[str, str]) -> None:
    """The request of a case as an entry of the chosen set."""
    set_id = str(st.session_state.get(f"cases_set_{case_id}") or "")
    title = str(st.session_state.get(f"cases_entry_{case_id}") or "")

    def act(by: Actor) -> None:
        opened = services().cases.opened(by, case_id)
        services().regressions.add(by, set_id, opened.case.technique, opened.body, title, services().calculator)

    if done(say("cases.added", title=markup.text(title), set=markup.text(titles.get(set_id, ""))), act):
        st.session_state[f"cases_adding_{case_id}"] = False  # else it lies over the sets


def create_set() -> None:
    values = {name: st.session_state.get(f"regressions_{name}") for name in ("title", "set_note", "arcseconds", "seconds")}
    title = str(values["title"] or "")

    def act(by: Actor) -> None:
        services().regressions.create(
            by, title, str(values["set_note"] or ""), float(values["arcseconds"] or 0), float(values["seconds"] or 0)
        )

    if done(say("regressions.created", title=markup.text(title)), act):
        st.session_state[CREATING] = False


def run_set(set_id: str) -> None:
    done(say("regressions.run_asked"), lambda by: services().regressions.run(by, set_id))


def cancel_run(run_id: str) -> None:
    done(say("regressions.run_cancelled"), lambda by: services().regressions.cancel(by, run_id))


def open_entry(entry_id: str) -> None:
    """An entry's request as a case of one's own, which the playground can open."""

    def act(by: Actor) -> None:
        technique, body = services().regressions.request(by, entry_id)
        st.session_state["cases_opened"] = services().cases.store(by, body, technique=technique)

    done(say("regressions.opened_entry"), act)
