"""Tables that carry decisions: real rows with shape, word and colour; and logs to sort and pick from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from backend.answer import Reading
from components import frame, markup
from components.state import state
from components.times import SPACE, Watch
from components.views import circuits as circuit_view
from components.views.readings import value_of
from components.wording import say

# A line may break between a picture and its word; a heading that cannot break keeps the column wide enough for both.
_WIDE = {"State": "State" + "\u00a0" * 18}


def rows(content: Sequence[dict[str, str]], *, header: bool = True) -> None:
    """A plain table of markdown cells; given as an Arrow table, as the way there over pandas costs more than all the rest of a page."""
    names = list(content[0]) if content else []
    table = pa.table({_WIDE.get(name, name): pa.array([row[name] for row in content], pa.string()) for name in names})
    st.table(table, border="horizontal", hide_index=True, hide_header=not header)


def transitions(reading: Reading[Any], watch: Watch, *, named: bool = False) -> None:
    """What a circuit, or every circuit, went through."""
    found = value_of(reading) or []
    if not found:
        frame.nothing(reading, watch, say("breakers.no_transition"))
        if value_of(reading) is not None:
            st.markdown(say("breakers.no_transition"))
        return
    content = []
    for one in found:
        kind, word = circuit_view.transition_word(one)
        name = {"Breaker": markup.text(one.circuit)} if named else {}
        seen_by = markup.text(markup.brief_id(one.instance) if one.instance else "all")
        content.append(
            {
                watch.name: f":gray[{watch.bare(one.at)}]",
                **name,
                "State": state(kind, word),
                "Why": circuit_view.cause_words(one),
                "Seen by": f":gray[{seen_by}]",
            }
        )
    rows(content)


def processes(circuit: Any) -> None:
    """What each process thinks of a circuit."""
    if circuit is None or not circuit.instances:
        st.markdown(markup.soft(say("breakers.no_process")))
        return
    held = circuit_view.isolated(circuit)
    content = []
    for one in circuit.instances:
        kind, word = circuit_view.WORDS.get(one.state, circuit_view.WORDS["unknown"])
        if held:
            kind, word = ("held", say("breakers.applied")) if one.applied else ("pending", say("breakers.not_applied"))
        lag = "–" if one.lag_seconds is None else f"{one.lag_seconds:.1f}{SPACE}s"
        content.append(
            {
                "Process": f"{markup.text(one.role)} {markup.text(markup.brief_id(one.id))}",
                "State": state(kind, word),
                "Lag": f":gray[{lag}]",
            }
        )
    rows(content)
