"""What the explorer may suggest: names, labels and values as the source knows them, remembered for half a minute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from backend.answer import Empty, Failed, Reading
from backend.errors import QueryProblem, ServiceError
from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.source import MetricsSource, ServerInfo
from components.recent import WORDS
from components.services import services
from components.views.explorer_completion import Vocabulary
from components.views.readings import value_of

SECONDS, SOON, MOST = 30.0, 2.0, 64  # what is not known yet is asked again soon
_KNOWN, _PROBLEM = "explorer_words", "explorer_words_problem"
_NAMES, _METADATA, _SERVER = ("names",), ("metadata",), ("server",)
_ALWAYS: dict[tuple[str, ...], Callable[[MetricsSource], Reading[Any]]] = {
    _NAMES: lambda source: source.label_values("__name__"),
    _METADATA: lambda source: source.metadata(),
    _SERVER: lambda source: source.server(),
}


def begin() -> None:
    """Ask ahead for what every look needs."""
    metrics, clock = services().metrics, services().clock
    for key, ask in _ALWAYS.items():
        if not _is_held(key):
            WORDS.begin(key, clock, partial(_said, partial(ask, metrics)))


def vocabulary() -> Vocabulary:
    """The metrics with type and help; labels and values only when they are asked for."""
    names: Sequence[str] = _always(_NAMES) or ()
    facts: dict[str, tuple[str, str]] = _always(_METADATA) or {}
    return Vocabulary({name: _fact(name, facts) for name in names}, tuple(FUNCTIONS), labels, values)


def labels(selector: str) -> Sequence[str]:
    """Names of labels of what the selector selects, of everything when it is empty."""
    found = _told(("labels", selector), lambda: services().metrics.label_names([selector] if selector else ()))
    return [name for name in found or () if name != "__name__"]


def values(label: str, selector: str) -> Sequence[str]:
    return _told(("values", label, selector), lambda: services().metrics.label_values(label, [selector] if selector else ())) or ()


def server() -> ServerInfo | None:
    """Which server answers, as far as it says."""
    told: ServerInfo | None = _always(_SERVER)
    return told


def problem() -> str | None:
    """Why names cannot be listed, if the source did not answer."""
    why: str | None = st.session_state.get(_PROBLEM)
    return why


def _always(key: tuple[str, ...]) -> Any:
    return _told(key, partial(_ALWAYS[key], services().metrics))


def _told(key: tuple[str, ...], ask: Callable[[], Reading[Any]]) -> Any:
    """What the source said within the last half minute, else what it says now; None when it says nothing."""
    known = _known()
    if not _is_held(key):
        if len(known) >= MOST:
            known.clear()
        known[key] = (services().clock.monotonic(), _asked(key, ask))
    return known[key][1]


def _known() -> dict[tuple[str, ...], tuple[float, Any]]:
    """When this session was told what."""
    known: dict[tuple[str, ...], tuple[float, Any]] = st.session_state.setdefault(_KNOWN, {})
    return known


def _is_held(key: tuple[str, ...]) -> bool:
    at, said = _known().get(key, (-SECONDS, None))
    return 0 <= services().clock.monotonic() - at < (SECONDS if said else SOON)


class _NothingSaid(Exception):
    """Nobody remembers it for others; ``why``: what the source says of that, if it failed."""

    def __init__(self, why: str | None) -> None:
        super().__init__(why)
        self.why = why


def _asked(key: tuple[str, ...], ask: Callable[[], Reading[Any]]) -> Any:
    """Asked once for everybody who may explore."""
    found, why = None, None
    try:
        found = WORDS.value(key, services().clock, lambda: _said(ask))
    except QueryProblem:
        found = None  # the selector is not finished yet: there is nothing to suggest for it
    except ServiceError as error:
        why = error.detail
    except _NothingSaid as nothing:
        why = nothing.why
    if key == _NAMES:
        st.session_state[_PROBLEM] = why
    return found


def _said(ask: Callable[[], Reading[Any]]) -> Any:
    """In whatever thread: what the source said."""
    reading = ask()
    if isinstance(reading, Empty) or value_of(reading) is None:
        raise _NothingSaid(reading.why if isinstance(reading, Failed) else None)
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
