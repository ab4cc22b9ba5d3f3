"""Tables that carry decisions: real rows with shape, word and colour; and logs to sort and pick from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import streamlit as st

from backend.answer import Reading
from components import drawings, frame, markup
from components.state import glyph, state
from components.times import SPACE, Watch, percent
from components.views import circuit_history as history
from components.views import circuits as circuit_view
from components.views import happenings
from components.views.readings import value_of
from components.wording import say

# A line may break between a picture and its word; a heading that cannot break keeps the column wide enough for both.
_WIDE = {"State": "State" + "\u00a0" * 18}


def rows(content: Sequence[dict[str, str]], *, header: bool = True) -> None:
    """A plain table of markdown cells; given as an Arrow table, as the way there over pandas costs more than all the rest of a page."""
    names = list(content[0]) if content else []
    table = pa.table({_WIDE.get(name, name): pa.array([row[name] for row in content], pa.string()) for name in names})
    st.table(table, border="horizontal", hide_index=True, hide_header=not header)


def transitions(reading: Reading[Any], watch: Watch) -> None:
    """What every circuit went through."""
    found = value_of(reading) or []
    if not found:
        _no_transition(reading, watch)
        return
    rows(
        [
            {
                watch.name: f":gray[{watch.bare(one.at)}]",
                "Breaker": markup.text(one.circuit),
                "State": state(*history.transition_word(one)),
                "Why": history.cause_words(one),
                "Seen by": f":gray[{history.seen_by(one)}]",
            }
            for one in found
        ]
    )


def story(reading: Reading[Any], orders: Sequence[Any] | None, watch: Watch, most: int = 12) -> None:
    """What one circuit went through, with the acts of operators in between; what is older stands folded."""
    lines = [
        {watch.name: f":gray[{watch.bare(one.at)}]", "State": state(one.kind, one.word), "Why": one.why, "By": f":gray[{one.who}]"}
        for one in history.story(value_of(reading) or [], orders, watch)
    ]
    if not lines:
        _no_transition(reading, watch)
        return
    rows(lines[:most])
    if lines[most:]:
        with st.expander(say("breakers.older", count=len(lines) - most), key="breakers_older"):
            rows(lines[most:])


def _no_transition(reading: Reading[Any], watch: Watch) -> None:
    frame.nothing(reading, watch, say("breakers.no_transition"))
    if value_of(reading) is not None:
        st.markdown(say("breakers.no_transition"))


def processes(circuit: Any) -> None:
    """Each process's own circuit, how old its report is, and which orders it holds."""
    if circuit is None or not circuit.instances:
        st.markdown(markup.soft(say("breakers.no_process")))
        return
    rows([_process(one, circuit) for one in circuit.instances])


def _process(one: Any, circuit: Any) -> dict[str, str]:
    kind, word = circuit_view.WORDS.get(one.state, circuit_view.WORDS["unknown"])
    lag = "–" if one.lag_seconds is None else f"{one.lag_seconds:.1f}{SPACE}s"
    row = {
        "Process": f"{markup.text(one.role)} {markup.text(markup.brief_id(one.id))}",
        "State": state(kind, word) if one.is_live else state("neutral", say("breakers.silent")),
        "Lag": f":gray[{lag}]",
    }
    if not circuit.standings:
        return row
    lacks = [standing.slot.value for standing in circuit.standings if one.epochs.get(standing.slot, 0) < standing.record.epoch]
    held = state("ok", say("breakers.holds_all")) if not lacks else state("pending", say("breakers.lacks", slots=", ".join(lacks)))
    return {**row, "Orders": held}


def orders(records: Sequence[Any], circuit: Any, watch: Watch) -> None:
    """What operators ordered, until when and why, and how far it has come."""
    rows(
        [
            {
                watch.name: f":gray[{watch.bare(one.created_at)}]",
                "State": state(*history.order_word(one)),
                "Order": history.order_words(one, watch),
                "By": markup.text(one.actor_name),
                "Applied": f"{glyph(reach[0], 11)}\u00a0{reach[1]}",
            }
            for one, reach in ((one, history.order_reach(one, circuit)) for one in records)
        ]
    )


def sources(circuit: Any) -> None:
    """Where answers came from, as number, share and bar."""
    rows(
        [
            {
                "Answers from": happenings.source_word(name),
                "Counted": "–" if count is None else f"{count:,}",
                "Share": f"{percent(share)} {drawings.inline_share(share)}",
            }
            for name, share, count in happenings.sources(circuit)
        ]
    )
