"""The first page: from what sources answered to a verdict, tiles, what needs somebody, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Failed, Reading, Stale
from components import markup
from components.times import Watch, percent, seconds_word
from components.views import circuit_history as history
from components.views import circuits as circuit_view
from components.views import faults
from components.views.acts import act_sentence, act_word
from components.views.readings import value_of
from components.views.tiles import tiles
from components.wording import say

_QUIET = frozenset({"cases.store", "accounts.sign_out", "queries.save"})
_TROUBLED = frozenset({"bad", "bypassed", "held", "watch"})


@dataclass(frozen=True)
class Verdict:
    kind: str
    headline: str
    detail: str


@dataclass(frozen=True)
class Need:
    """Something for this operator to look at, with one verb."""

    kind: str
    word: str
    what: str
    detail: str
    verb: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    at: datetime
    kind: str
    word: str
    text: str


def verdict(summary: Reading[Any], circuits: Reading[Any], stores: Sequence[Any], watch: Watch) -> Verdict:
    """The page's one sentence: the worst that is known, since when, how much, and what still works."""
    figures, known = value_of(summary), value_of(circuits) or []
    away = away_stores(stores, known)
    if away:
        return _store_away(away)
    if figures is not None and figures.api_processes == 0:
        return Verdict("bad", say("now.no_api"), say("now.no_api_detail", at=watch.exact(figures.at)))
    troubled = [circuit for circuit in circuit_view.worst_first(known) if circuit_view.state_of(circuit)[0] in _TROUBLED]
    if troubled:
        return _circuit_trouble(troubled[0], figures, watch)
    over = [tile for tile in tiles(summary, circuits)[1:4] if tile.kind in {"bad", "watch"}]
    if over:
        note = over[0].note.replace("*", "")
        return Verdict("watch", say("now.over", what=over[0].label, value=over[0].value, note=note), say("now.over_detail"))
    return _uncertain(summary, circuits, watch) or _good(figures, known, stores, watch)


def _uncertain(summary: Reading[Any], circuits: Reading[Any], watch: Watch) -> Verdict | None:
    """A source failed or gave something old: that is not 'all good', whatever it said before."""
    for reading in (circuits, summary):
        if isinstance(reading, Failed):
            return Verdict("watch", say("now.partly_known"), say("now.partly_known_detail", why=markup.sentence(reading.why)))
    for reading in (circuits, summary):
        if isinstance(reading, Stale):
            detail = say("now.old_detail", at=watch.exact(reading.at), why=markup.text(reading.why.rstrip(".")))
            return Verdict("watch", say("now.old", age=watch.ago(reading.at)), detail)
    return None


def away_stores(stores: Sequence[Any], circuits: Sequence[Any]) -> list[Any]:
    """What does not answer; a dependency behind a breaker is told of by its breaker."""
    guarded = {circuit.name for circuit in circuits}
    return [store for store in stores if store.reachable is False and store.name not in guarded]


def _store_away(away: Sequence[Any]) -> Verdict:
    first = away[0]
    names = ", ".join(markup.text(store.title) for store in away)
    detail = say("now.store_away_detail", detail=markup.sentence(first.detail), hides=markup.sentence(first.hides))
    return Verdict(
        "bad" if first.essential else "watch", say("now.store_away" if len(away) == 1 else "now.stores_away", names=names), detail
    )


def _circuit_trouble(circuit: Any, figures: Any, watch: Watch) -> Verdict:
    title = markup.text(circuit.title)
    share = percent(figures.degraded_ratio) if figures is not None else "–"
    detail = say("now.circuit_detail", share=share)
    if circuit_view.held(circuit):
        return _held(circuit, detail, watch)
    word = circuit_view.state_of(circuit)[1].lower()
    if circuit.since is None:
        return Verdict("watch", say("now.degraded_unknown", title=title, word=word), detail)
    return Verdict(
        "watch", say("now.degraded", title=title, word=word, at=watch.clock(circuit.since), span=watch.ago(circuit.since)), detail
    )


def _held(circuit: Any, degraded: str, watch: Watch) -> Verdict:
    """An operator's hold: calls are stopped, or nothing protects callers; who, since when, until when, and why."""
    override, kind = circuit.override, circuit_view.held(circuit)
    headline = say(
        f"now.{kind}",
        title=markup.text(circuit.title),
        name=markup.text(override.actor_name),
        at=watch.clock(override.created_at),
        span=watch.ago(override.created_at),
        until=circuit_view.end_of(override, watch),
    )
    detail = degraded if circuit_view.stops_calls(circuit) else say(f"now.{kind}_detail")
    return Verdict(circuit_view.state_of(circuit)[0], headline, f"{detail} {say('now.reason', reason=markup.text(override.reason))}")


def _good(figures: Any, circuits: Sequence[Any], stores: Sequence[Any], watch: Watch) -> Verdict:
    known = [store.latency_seconds for store in stores if store.latency_seconds is not None]
    evidence = say("now.good_detail", count=len(known), slowest=seconds_word(max(known, default=None)), at=watch.exact(watch.now))
    if figures is None:
        return Verdict("ok", say("now.quiet"), f"{say('now.quiet_detail')} {evidence}")
    closed = sum(1 for circuit in circuits if circuit.state == "closed")
    breakers = say("now.good_breakers", closed=closed, all=len(circuits)) if circuits else say("now.no_breakers")
    return Verdict("ok", say("now.good", breakers=breakers), evidence)


def needs(actor: Actor, circuits: Reading[Any], stores: Sequence[Any], watch: Watch) -> list[Need]:
    """What this operator can do something about, worst first."""
    found = [
        Need("bad", "Away", markup.text(store.title), markup.sentence(store.hides), say("now.verb_health"), "health")
        for store in away_stores(stores, value_of(circuits) or [])
    ]
    for circuit in circuit_view.worst_first(value_of(circuits) or []):
        kind, word = circuit_view.state_of(circuit)
        if kind != "ok":
            found.append(_of_circuit(kind, word, circuit, _need_detail(actor, circuit, watch)))
        if circuit_view.has_fault(circuit):
            until = circuit_view.end_of(circuit.fault, watch)
            found.append(
                _of_circuit("pending", "Fault", circuit, say("now.need_fault", what=faults.words(circuit.fault.document), until=until))
            )
    return found[:4]


def _of_circuit(kind: str, word: str, circuit: Any, detail: str) -> Need:
    title = say("now.need_breaker", title=markup.text(circuit.title))
    return Need(kind, word, title, detail, say("now.verb_breaker"), "breakers", {"circuit": circuit.name})


def _need_detail(actor: Actor, circuit: Any, watch: Watch) -> str:
    kind, since = circuit_view.held(circuit), circuit_view.since(circuit, watch)
    if circuit_view.lets_all_through(circuit):
        return say(f"now.need_{kind}", since=since)
    if kind:
        wide = kind != "isolated"
        may = actor.may(Permission.RELEASE_CIRCUITS) and (not wide or actor.may(Permission.OVERRIDE_CIRCUITS))
        return say("now.need_release" if may else "now.need_isolated", since=since)
    return f"{circuit_view.agreement(circuit)[1].capitalize()}. {circuit_view.next_note(circuit, watch).capitalize()}".strip(" .") + "."


def changes(transitions: Reading[Any], records: Sequence[Any], most: int = 8) -> list[Change]:
    """Circuits' transitions and people's acts in one list, newest first."""
    found = [
        Change(
            one.at,
            *history.transition_word(one),
            say("now.change_circuit", name=markup.text(one.circuit), cause=history.cause_words(one)),
        )
        for one in value_of(transitions) or []
        if not history.is_of_one_process(one) and one.cause not in history.BY_OPERATORS
    ]
    found += [Change(record.at, *act_word(record), act_sentence(record)) for record in records if record.act not in _QUIET]
    return sorted(found, key=lambda change: change.at, reverse=True)[:most]
