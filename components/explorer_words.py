"""What the explorer may suggest: names, labels and values as the source knows them, remembered for half a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from backend.answer import Empty, Failed
from backend.errors import QueryProblem, ServiceError
from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.source import ServerInfo
from components.recent import WORDS
from components.services import services
from components.views.explorer_completion import Vocabulary
from components.views.readings import value_of

SECONDS, SOON, MOST = 30.0, 2.0, 64  # what is not known yet is asked again soon
_KNOWN, _PROBLEM = "explorer_words", "explorer_words_problem"


def vocabulary() -> Vocabulary:
    """The metrics with type and help; labels and values only when they are asked for."""
    names: Sequence[str] = _told(("names",), lambda: services().metrics.label_values("__name__")) or ()
    facts: dict[str, tuple[str, str]] = _told(("metadata",), lambda: services().metrics.metadata()) or {}
    return Vocabulary({name: _fact(name, facts) for name in names}, tuple(FUNCTIONS), labels, values)


def labels(selector: str) -> Sequence[str]:
    """Names of labels of what the selector selects, of everything when it is empty."""
    found = _told(("labels", selector), lambda: services().metrics.label_names([selector] if selector else ()))
    return [name for name in found or () if name != "__name__"]


def values(label: str, selector: str) -> Sequence[str]:
    return _told(("values", label, selector), lambda: services().metrics.label_values(label, [selector] if selector else ())) or ()


def server() -> ServerInfo | None:
    """Which server answers, as far as it says."""
    told: ServerInfo | None = _told(("server",), lambda: services().metrics.server())
    return told


def problem() -> str | None:
    """Why names cannot be listed, if the source did not answer."""
    why: str | None = st.session_state.get(_PROBLEM)
    return why


def _told(key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
    """What the source said within the last half minute, else what it says now; None when it says nothing."""
    known: dict[tuple[str, ...], tuple[float, Any]] = st.session_state.setdefault(_KNOWN, {})
    now = services().clock.monotonic()
    held = known.get(key)
    if held is not None and 0 <= now - held[0] < (SECONDS if held[1] else SOON):
        return held[1]
    if len(known) >= MOST:
        known.clear()
    known[key] = (now, _asked(key, ask))
    return known[key][1]


class _NothingSaid(Exception):
    """Nobody remembers it for others."""


def _asked(key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
    """Asked once for everybody who may explore."""
    try:
        return WORDS.value(key, services().clock, lambda: _said(ask))
    except QueryProblem:
        return None  # the selector is not finished yet: there is nothing to suggest for it
    except ServiceError as error:
        st.session_state[_PROBLEM] = error.detail
        return None
    except _NothingSaid:
        return None


def _said(ask: Callable[[], Any]) -> Any:
    reading = ask()
    st.session_state[_PROBLEM] = reading.why if isinstance(reading, Failed) else None
    if isinstance(reading, Empty) or value_of(reading) is None:
        raise _NothingSaid
    return value_of(reading)


def _fact(name: str, facts: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """A histogram's and a summary's series stand under their common name."""
    if name in facts:
        return facts[name]
    for ending, kind in (("_bucket", "histogram"), ("_count", "counter"), ("_sum", "counter"), ("_total", "counter")):
        base = name.removesuffix(ending)
        if base != name and base in facts:
            return kind, facts[base][1]
    return "", ""
