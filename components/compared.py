"""The two runs that Compare shows: from stored cases through the real API, each asked once in a session until asked anew."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import streamlit as st

from backend.actor import Actor, Permission
from backend.errors import ServiceError
from components.api_client import NATAL, ApiAnswer, api
from components.services import services
from components.views import compare as view

_ANSWERS = "compare_answers"
_MOST_KEPT = 8


@dataclass(frozen=True)
class Run:
    """One side: the request and what the API answered; ``problem`` where the case could not be opened."""

    case_id: str
    technique: str
    body: dict[str, Any]
    answer: ApiAnswer | None
    problem: str = ""

    @property
    def document(self) -> dict[str, Any] | None:
        return self.answer.body if self.answer is not None and self.answer.is_good else None


def cases(actor: Actor) -> dict[str, Any]:
    """What may be compared, by id: one's own cases, the newest first, then the team's."""
    own = services().cases.own(actor)
    shared = services().cases.shared(actor) if actor.may(Permission.SEE_TEAM_CASES) else []
    return {one.id: one for one in (*own, *shared)}


def run_of(actor: Actor, case_id: str) -> Run:
    """The case as the API answers it."""
    try:
        technique, body = _opened(actor, case_id)
    except ServiceError as error:
        return Run(case_id, NATAL, {}, None, error.detail)
    return Run(case_id, technique, body, ask(technique, body))


def other_settings(first: Run, chosen: dict[str, str]) -> Run:
    """The same request with other settings."""
    if first.problem:
        return first
    body = view.changed(first.body, chosen)
    return Run(first.case_id, first.technique, body, ask(first.technique, body))


def at_the_same_instant(first: Run, second: Run) -> dict[str, Any] | None:
    """The second request at the first one's instant, where both are natal charts at different ones."""
    if first.document is None or second.document is None or {first.technique, second.technique} != {NATAL}:
        return None
    body = view.at_the_same_instant(second.body, first.document, second.document)
    answer = ask(NATAL, body) if body is not None else None
    return answer.body if answer is not None and answer.is_good else None


def ask(technique: str, body: dict[str, Any]) -> ApiAnswer:
    """Good answers are remembered for this session."""
    kept: dict[str, ApiAnswer] = st.session_state.setdefault(_ANSWERS, {})
    key = f"{technique} {json.dumps(body, sort_keys=True)}"
    if key not in kept:
        answer = api().technique(technique, body)
        if not answer.is_good:
            return answer
        kept[key] = answer
        while len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
    return kept[key]


def forget() -> None:
    """Ask the API anew."""
    st.session_state.pop(_ANSWERS, None)


def _opened(actor: Actor, case_id: str) -> tuple[str, dict[str, Any]]:
    """Opened once in a session: reading another's case is recorded, and one look is one record."""
    kept: dict[str, tuple[str, dict[str, Any]]] = st.session_state.setdefault("compare_opened", {})
    if case_id not in kept:
        found = services().cases.opened(actor, case_id)
        kept[case_id] = (found.case.technique, found.body)
    return kept[case_id]
