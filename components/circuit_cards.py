"""A circuit's blocks on the page of breakers: its card among all, and its verdict, tiers, window, surroundings and policy in detail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import streamlit as st

from backend.answer import Reading, Stale
from components import drawings, frame, markup, navigation, tables
from components.state import glyph, state
from components.times import Watch
from components.views import circuit_history as history
from components.views import circuits as view
from components.views import happenings, policies
from components.views.readings import value_of
from components.wording import say


def card(one: view.Card) -> None:
    """One among all, as high as its neighbours."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        frame.title_row(one.title, state(one.kind, one.word))
        fault = f" · {state('pending', say('circuits.fault'), 11)}" if one.has_fault else ""
        st.markdown(f"{markup.soft(one.since)}{fault}")
        drawings.window_strip(one.bars)
        frame.facts(*one.facts)
        st.markdown(markup.soft(one.around))
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(_with_note(one.agreement, one.note), width="content")
            st.page_link(navigation.page("breakers"), label=say("breakers.details"), query_params={"circuit": one.name}, width="content")


def _with_note(agreement: tuple[str, str], note: str) -> str:
    return f"{glyph(agreement[0], 11)} :small[{agreement[1]}]" + (f" {markup.soft(f'· {note}')}" if note else "")


def verdict(circuit: Any, reading: Reading[Any], moves: Sequence[Any], watch: Watch, known_from: datetime | None) -> None:
    """What the circuit does, in numbers, by which rule, and what it did in the last hour."""
    kind, word = view.shown(circuit, old=isinstance(reading, Stale))
    headline = view.headline(circuit, watch, history.last_cause(moves))
    st.markdown(f"## {state(kind, word, 16)} {headline}\n{markup.soft(view.rule(circuit, watch))}", anchors=False)
    if view.has_fault(circuit):
        st.markdown(f"{state('pending', say('circuits.fault'))} {history.fault_words(circuit.fault, watch)}")
    start = watch.now - timedelta(hours=1)
    ticks = [(part / 4, watch.bare(start + part / 4 * (watch.now - start), "%H:%M")) for part in range(5)]
    spans = history.spans(moves, circuit, start, watch.now, known_from)
    drawings.span_bar(spans, ticks)
    st.markdown(markup.soft(say("breakers.last_hour", states=history.span_words(spans, watch.now - start))))


def tiers(circuit: Any, watch: Watch) -> None:
    """The fleet's circuit, then each process's own."""
    note = _with_note(view.agreement(circuit), view.next_note(circuit, watch)) if circuit else ""
    with frame.card(say("breakers.tiers"), note):
        if circuit is not None:
            fleet = state(*view.WORDS.get(circuit.state, view.WORDS["unknown"]))
            since = say("circuits.since", at=watch.clock(circuit.since), span=watch.ago(circuit.since)) if circuit.since else ""
            st.markdown(f"{fleet} {markup.soft(say('breakers.fleet_state', since=since))}")
        st.markdown(markup.soft(say("breakers.processes_note")))
        tables.processes(circuit)


def window(circuit: Any, reading: Reading[Any], watch: Watch) -> None:
    with frame.card(say("breakers.window"), frame.freshness(reading, watch)):
        drawings.window_strip([(bar.ok, bar.bad) for bar in circuit.bars] if circuit else [(0, 0)] * 30, width=410)
        if circuit is not None:
            frame.facts(*view.card(circuit, watch).facts)


def around(circuit: Any) -> None:
    """Retries, budget, refusals, and where answers came from."""
    known = circuit.happenings if circuit else None
    with frame.card(say("breakers.around"), markup.soft(happenings.within(known))):
        if known is None:
            st.markdown(markup.soft(say("breakers.around_unknown")))
            return
        left, right = st.columns(2, gap="medium")
        with left:
            if happenings.sums(known):
                tables.rows([{"What": label, "How often": count} for label, count in happenings.sums(known)])
            st.markdown(markup.soft(happenings.never(known)))
        with right:
            if happenings.sources(circuit):
                tables.sources(circuit)
            else:
                st.markdown(markup.soft(say("breakers.sources_unknown")))


def policy(circuit: Any, watch: Watch) -> None:
    """Whose figures are in force, what differs from the settings, and all of them."""
    with frame.card(say("breakers.policy")):
        if circuit is None:
            st.markdown(markup.soft(say("policies.unknown")))
            return
        st.markdown(policies.source(circuit.policy, watch))
        differing = policies.differing(circuit.policy.settings, circuit.policy.document)
        if differing:
            tables.rows(policies.rows(circuit.policy, differing))
        told = policies.told(circuit.policy.document)
        if told:
            with st.expander(say("breakers.policy_all", count=len(told)), key="breakers_policy_all"):
                tables.rows(policies.rows(circuit.policy, told))


def orders(records: Sequence[Any] | None, circuit: Any, watch: Watch) -> None:
    """What operators ordered; None: they cannot be read now."""
    with frame.card(say("breakers.orders"), markup.soft(say("breakers.newest"))):
        if records is None:
            st.markdown(f"{state('neutral', say('frame.unknown'))} {say('breakers.orders_away')}")
        elif not records:
            st.markdown(f"{glyph('info', 12)} {say('breakers.no_order')}")
        else:
            tables.orders(records[:12], circuit, watch)
            link = {"audit_text": records[0].circuit}
            st.page_link(navigation.page("audit"), label=say("breakers.to_audit"), query_params=link, width="content")


def transitions(moves: Reading[Any], records: Sequence[Any] | None, watch: Watch) -> None:
    with frame.card(say("breakers.story"), markup.soft(say("breakers.newest")), height="stretch"):
        if records is None and value_of(moves):
            st.markdown(markup.soft(say("breakers.acts_unknown")))
        tables.story(moves, records, watch)
