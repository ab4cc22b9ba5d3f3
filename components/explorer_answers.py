"""Asks the source of metrics for what the explorer's address asks, some at a time, once for all who open the same at one moment."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from backend.actor import Actor
from backend.answer import Failed, Reading
from backend.clock import Clock
from backend.errors import QueryProblem, ServiceError
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.source import MetricsSource
from components import explorer_state as state
from components.explorer_state import Asked
from components.recent import ANSWERS
from components.services import services
from components.views.explorer_answers import Answered, chosen_step

AT_ONCE = 4  # as many as the server of the embedded store answers together
_KNOWN = "explorer_answers"


def known(key: object) -> tuple[Answered, ...] | None:
    """The answers to what is asked, if they are there."""
    held: tuple[object, tuple[Answered, ...]] | None = st.session_state.get(_KNOWN)
    return held[1] if held and held[0] == key else None


def answers(key: Hashable, asked: Asked, start: datetime, end: datetime) -> tuple[Answered, ...]:
    """The answer to each expression, kept in this session while ``key`` stays; each says of which span it is."""
    found = known(key)
    if found is None:
        found = ANSWERS.value(key, services().clock, _asking(asked, start, end))
        st.session_state[_KNOWN] = (key, found)
    return found


def begin(key: Hashable, asked: Asked, start: datetime, end: datetime) -> None:
    """Ask ahead, while the page is still being drawn down to where the answers stand."""
    if known(key) is None:
        ANSWERS.begin(key, services().clock, _asking(asked, start, end))


def _asking(asked: Asked, start: datetime, end: datetime) -> Callable[[], tuple[Answered, ...]]:
    return partial(ask, services().metrics, services().clock, asked, start, end)


def ask(source: MetricsSource, clock: Clock, asked: Asked, start: datetime, end: datetime) -> tuple[Answered, ...]:
    """All expressions, some at a time; one that fails leaves the others alone."""
    step = chosen_step(asked.step, start, end)
    if not asked.queries:
        return ()

    def one(letter: str, query: str) -> Answered:
        began = clock.monotonic()
        reading, problem = _reading(_question(source, asked.kind, query, start, end, step), clock)
        return Answered(letter, query, asked.kind, start, end, step, reading, problem, clock.monotonic() - began)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="explorer") as pool:
        return tuple(pool.map(lambda pair: one(*pair), asked.queries))


def remember(actor: Actor, answered: tuple[Answered, ...], run: int) -> str | None:
    """Put what was asked into the actor's history, once a run; why it could not be, if so."""
    if not answered or st.session_state.get("explorer_remembered") == (run, [one.query for one in answered]):
        return None
    st.session_state["explorer_remembered"] = (run, [one.query for one in answered])
    try:
        services().queries.note(actor, [one.query for one in answered if one.problem is None])
    except ServiceError as error:
        return error.detail
    return None


def _question(
    source: MetricsSource, kind: str, query: str, start: datetime, end: datetime, step: float
) -> Callable[[], Reading[QueryResult]]:
    if kind == state.INSTANT:
        return lambda: source.instant(query, end)
    return lambda: source.range(query, start, end, step)


def _reading(ask_source: Callable[[], Reading[QueryResult]], clock: Clock) -> tuple[Reading[Any] | None, QueryProblem | None]:
    try:
        return ask_source(), None
    except QueryProblem as problem:
        return None, problem
    except ServiceError as error:
        return Failed("metrics", error.detail, clock.now()), None
