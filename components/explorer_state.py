"""The explorer's state: what is asked stands in the address; what is being written stands in the session until it is run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from backend.monitoring.queries.record import LONGEST_STEP, MOST_QUERIES, View
from components.views.explorer_answers import AUTO, FINE, duration_seconds

LETTERS = "abcdefgh"[:MOST_QUERIES]
RANGE, INSTANT = "range", "instant"
LONGEST_LINE = 110  # characters in a field of one line
_OPEN, _SEEN, _TALL, _RUNS, _RUN_NOW = (f"explorer_{name}" for name in ("open", "seen", "tall", "runs", "run_now"))


@dataclass(frozen=True)
class Asked:
    """What the address asks: expressions by letter, and how."""

    queries: tuple[tuple[str, str], ...]
    kind: str
    step: str


def asked() -> Asked:
    """As the address stands; what it cannot mean is left at its default."""
    texts = ((letter, (st.query_params.get(letter) or "").strip()) for letter in LETTERS)
    kind = INSTANT if st.query_params.get("kind") == INSTANT else RANGE
    return Asked(tuple((letter, text) for letter, text in texts if text), kind, known_step(st.query_params.get("step")))


def begin(now: Asked) -> None:
    """Put what the address asks into the fields, when it asks something new: by a link, a reload or the way back."""
    if st.session_state.get(_SEEN) == now and "explorer_kind" in st.session_state:  # a widget that was not drawn meanwhile is forgotten
        return
    st.session_state[_SEEN] = now
    st.session_state["explorer_kind"], st.session_state["explorer_step"] = now.kind, now.step
    _put(dict(now.queries))


def field(letter: str) -> str:
    """The key of an expression's field."""
    return f"explorer_query_{letter}"


def text(letter: str) -> str:
    return str(st.session_state.get(field(letter)) or "")


def is_changed() -> bool:
    """Whether what is written is not what the answers on screen are to."""
    before = dict(asked().queries)
    return bool(before) and before != {letter: text(letter).strip() for letter in opened() if text(letter).strip()}


def is_tall(letter: str) -> bool:
    """Whether the expression has, or had when it was last run, several lines or more than fit into one."""
    return letter in st.session_state.get(_TALL, ())


def opened() -> list[str]:
    """The letters that have a field, in their order."""
    found: list[str] = st.session_state.setdefault(_OPEN, [LETTERS[0]])
    return found


def runs() -> int:
    """How often somebody asked for an answer anew."""
    return int(st.session_state.get(_RUNS, 0))


def run() -> None:
    """For a callback: what is written becomes what is asked."""
    written = {letter: text(letter).strip() for letter in opened()}
    _put(written)
    _write(written, str(st.session_state.get("explorer_kind") or RANGE), str(st.session_state.get("explorer_step") or AUTO))


def show(view: View) -> None:
    """For a callback: ask a saved view in place of what is there."""
    written = dict(zip(LETTERS, view.queries, strict=False))
    _put(written)
    st.session_state["explorer_kind"], st.session_state["explorer_step"] = view.kind, view.step
    _write(written, view.kind, view.step)


def has_room() -> bool:
    """Whether one more expression finds a place."""
    return len(opened()) < len(LETTERS) or any(not text(letter).strip() for letter in opened())


def add(query: str = "") -> None:
    """For a callback: one more expression, in the first field that is empty, else in a new one; nothing when all are full."""
    free = next((letter for letter in opened() if not text(letter).strip()), None) if query else None
    letter = free or next((letter for letter in LETTERS if letter not in opened()), None)
    if letter is not None:
        _put({**{one: text(one) for one in opened()}, letter: query})


def remove(letter: str) -> None:
    """For a callback: one expression less; there is always a field."""
    _put({one: text(one) for one in opened() if one != letter})


def wants_run() -> bool:
    """Whether the last click asks for answers; said once."""
    return bool(st.session_state.pop(_RUN_NOW, False))


def moment(key: object, now: datetime) -> datetime:
    """The instant an answer is of: kept while the same is asked, so that a click elsewhere on the page asks nobody again."""
    known: tuple[object, datetime] | None = st.session_state.get("explorer_moment")
    if known is None or known[0] != key:
        known = st.session_state["explorer_moment"] = (key, now)
    return known[1]


def _put(written: dict[str, str]) -> None:
    """These expressions, each in its field; one that is long gets a tall field."""
    for letter in LETTERS:
        st.session_state[field(letter)] = written.get(letter, "")
    st.session_state[_OPEN] = [letter for letter in LETTERS if letter in written] or [LETTERS[0]]
    st.session_state[_TALL] = frozenset(letter for letter, query in written.items() if "\n" in query or len(query) > LONGEST_LINE)


def _write(written: dict[str, str], kind: str, step: str) -> None:
    for name, value, default in (
        *((letter, written.get(letter, ""), "") for letter in LETTERS),
        ("kind", kind, RANGE),
        ("step", step, AUTO),
    ):
        if value == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
    st.session_state[_SEEN] = asked()
    st.session_state[_RUNS] = runs() + 1
    st.session_state[_RUN_NOW] = True


def known_step(wanted: str | None) -> str:
    """The step if it is one, else the usual."""
    is_one = wanted in (AUTO, FINE) or bool(wanted and len(wanted) <= LONGEST_STEP and duration_seconds(wanted))
    return str(wanted) if is_one else AUTO
