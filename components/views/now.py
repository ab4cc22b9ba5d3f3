"""The first page: from what sources answered to a verdict, tiles, what needs somebody, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from components import markup
from components.times import SPACE, Watch, percent, seconds_word
from components.views import circuits as circuit_view
from components.wording import may_say, say

ERRORS_LIMIT, P95_LIMIT_SECONDS, DEGRADED_LIMIT = 0.01, 1.0, 0.05
POINTS = 30
_ON_ONESELF = frozenset({"accounts.sign_in", "accounts.sign_out", "accounts.setup", "accounts.join"})
_QUIET = frozenset({"cases.store", "accounts.sign_out"})


@dataclass(frozen=True)
class Verdict:
    kind: str
    headline: str
    detail: str


@dataclass(frozen=True)
class Tile:
    """One figure: its state, value, comparison, and its last quarter of an hour."""

    label: str
    kind: str
    value: str
    note: str
    tone: str
    values: tuple[float | None, ...]
    limit: float | None


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


def value_of(reading: Reading[Any]) -> Any | None:
    """What is known, fresh or old; None when nothing is."""
    return reading.value if isinstance(reading, Fresh | Stale) else None


def verdict(summary: Reading[Any], circuits: Reading[Any], stores: Sequence[Any], watch: Watch) -> Verdict:
    """The page's one sentence: the worst that is known, since when, how much, and what still works."""
    figures, known = value_of(summary), value_of(circuits) or []
    away = away_stores(stores, known)
    if away:
        return _store_away(away)
    if figures is not None and figures.api_processes == 0:
        return Verdict("bad", say("now.no_api"), say("now.no_api_detail", at=watch.exact(figures.at)))
    troubled = [circuit for circuit in circuit_view.worst_first(known) if circuit_view.state_of(circuit)[0] in {"bad", "watch", "held"}]
    if troubled:
        return _circuit_trouble(troubled[0], figures, watch)
    over = [tile for tile in tiles(summary, circuits)[1:4] if tile.kind in {"bad", "watch"}]
    if over:
        return Verdict(
            "watch", say("now.over", what=over[0].label, value=over[0].value, note=_limit_words(over[0])), say("now.over_detail")
        )
    if isinstance(circuits, Failed) or isinstance(summary, Failed):
        source = circuits if isinstance(circuits, Failed) else summary
        return Verdict("watch", say("now.partly_known"), say("now.partly_known_detail", why=markup.text(getattr(source, "why", ""))))
    if isinstance(circuits, Stale) or isinstance(summary, Stale):
        stale = circuits if isinstance(circuits, Stale) else summary
        return Verdict(
            "watch", say("now.old", age=watch.ago(stale.at)), say("now.old_detail", at=watch.exact(stale.at), why=markup.text(_why(stale)))
        )
    return _good(figures, known, stores, watch)


def away_stores(stores: Sequence[Any], circuits: Sequence[Any]) -> list[Any]:
    """What does not answer; a dependency behind a breaker is told of by its breaker."""
    guarded = {circuit.name for circuit in circuits}
    return [store for store in stores if store.reachable is False and store.name not in guarded]


def _why(reading: Reading[Any]) -> str:
    return reading.why if isinstance(reading, Stale | Failed) else ""


def _store_away(away: Sequence[Any]) -> Verdict:
    first = away[0]
    names = ", ".join(markup.text(store.title) for store in away)
    detail = say("now.store_away_detail", detail=markup.sentence(first.detail), hides=markup.sentence(first.hides))
    return Verdict("bad" if first.essential else "watch", say("now.store_away", names=names), detail)


def _circuit_trouble(circuit: Any, figures: Any, watch: Watch) -> Verdict:
    title = markup.text(circuit.title)
    share = percent(figures.degraded_ratio) if figures is not None else "–"
    detail = say("now.circuit_detail", share=share)
    if circuit_view.isolated(circuit):
        override = circuit.override
        until = watch.clock(override.expires_at) if override.expires_at else say("circuits.released")
        name, reason = markup.text(override.actor_name), markup.text(override.reason)
        at, length = watch.clock(override.created_at), watch.ago(override.created_at)
        return Verdict(
            "held",
            say("now.isolated", title=title, name=name, at=at, span=length, until=until),
            f"{detail} {say('now.reason', reason=reason)}",
        )
    word = circuit_view.state_of(circuit)[1].lower()
    if circuit.since is None:
        return Verdict("watch", say("now.degraded_unknown", title=title, word=word), detail)
    return Verdict(
        "watch", say("now.degraded", title=title, word=word, at=watch.clock(circuit.since), span=watch.ago(circuit.since)), detail
    )


def _good(figures: Any, circuits: Sequence[Any], stores: Sequence[Any], watch: Watch) -> Verdict:
    known = [store.latency_seconds for store in stores if store.latency_seconds is not None]
    evidence = say("now.good_detail", count=len(known), slowest=seconds_word(max(known, default=None)), at=watch.exact(watch.now))
    if figures is None:
        return Verdict("ok", say("now.quiet"), f"{say('now.quiet_detail')} {evidence}")
    closed = sum(1 for circuit in circuits if circuit.state == "closed")
    breakers = say("now.good_breakers", closed=closed, all=len(circuits)) if circuits else say("now.no_breakers")
    return Verdict("ok", say("now.good", breakers=breakers), evidence)


def tiles(summary: Reading[Any], circuits: Reading[Any]) -> list[Tile]:
    """Six figures, always the same six in the same order."""
    figures, old = value_of(summary), not isinstance(summary, Fresh)
    rate = figures.requests_per_second if figures else None
    value = f"{rate:.1f}{SPACE}/s" if rate is not None else "–"
    note = say("now.tile_unknown" if rate is None else "now.tile_minute")
    requests = Tile("Requests", _kind(rate, None, old), value, note, "info", _series(figures, "requests_per_second"), None)
    return [
        requests,
        _limited("Errors", figures, "error_ratio", ERRORS_LIMIT, percent, old),
        _limited("p95", figures, "p95_seconds", P95_LIMIT_SECONDS, seconds_word, old),
        _limited("Degraded charts", figures, "degraded_ratio", DEGRADED_LIMIT, percent, old),
        _open_circuits(circuits),
        _processes(figures, old),
    ]


def _series(figures: Any, name: str) -> tuple[float | None, ...]:
    return tuple(figures.series.get(name) or (None,) * POINTS) if figures else (None,) * POINTS


def _kind(value: float | None, limit: float | None, old: bool) -> str:
    if value is None or old:
        return "neutral"
    if limit is None or value <= limit:
        return "ok"
    return "bad" if value > 2 * limit else "watch"


def _limited(label: str, figures: Any, name: str, limit: float, words: Any, old: bool) -> Tile:
    value = getattr(figures, name) if figures else None
    kind = _kind(value, limit, old)
    note = say("now.tile_over" if kind in {"bad", "watch"} else "now.tile_limit", limit=words(limit))
    if value is None:
        note = say("now.tile_no_charts") if figures and name == "degraded_ratio" else say("now.tile_unknown")
    tone = kind if kind in {"bad", "watch"} else "info"
    return Tile(label, kind, words(value), note, tone, _series(figures, name), limit)


def _limit_words(tile: Tile) -> str:
    return tile.note.replace("*", "")


def _processes(figures: Any, old: bool) -> Tile:
    count = figures.api_processes if figures else None
    kind = "neutral" if count is None or old else "ok" if count else "bad"
    return Tile("API processes", kind, "–" if count is None else str(count), say("now.tile_heard"), "info", (None,) * POINTS, None)


def _open_circuits(reading: Reading[Any]) -> Tile:
    known = value_of(reading)
    if known is None:
        note = say("now.no_breakers_short") if isinstance(reading, Empty) else say("now.tile_unknown")
        return Tile("Breakers not closed", "neutral", "–", note, "info", (None,) * POINTS, None)
    troubled = [circuit for circuit in known if circuit_view.state_of(circuit)[0] != "ok"]
    kind = circuit_view.state_of(circuit_view.worst_first(troubled)[0])[0] if troubled else "ok"
    kind = "neutral" if isinstance(reading, Stale) else kind
    note = ", ".join(markup.text(circuit.title) for circuit in troubled) or say("now.tile_all_closed")
    return Tile("Breakers not closed", kind, f"{len(troubled)} of {len(known)}", note, "info", (None,) * POINTS, None)


def needs(actor: Actor, circuits: Reading[Any], stores: Sequence[Any], watch: Watch) -> list[Need]:
    """What this operator can do something about, worst first."""
    found = [
        Need("bad", "Away", markup.text(store.title), markup.sentence(store.hides), say("now.verb_health"), "health")
        for store in away_stores(stores, value_of(circuits) or [])
    ]
    for circuit in circuit_view.worst_first(value_of(circuits) or []):
        kind, word = circuit_view.state_of(circuit)
        if kind != "ok":
            detail = _need_detail(actor, circuit, watch)
            title = say("now.need_breaker", title=markup.text(circuit.title))
            found.append(Need(kind, word, title, detail, say("now.verb_breaker"), "breakers", {"circuit": circuit.name}))
    return found[:4]


def _need_detail(actor: Actor, circuit: Any, watch: Watch) -> str:
    if circuit_view.isolated(circuit):
        key = "now.need_release" if actor.may(Permission.RELEASE_CIRCUITS) else "now.need_isolated"
        return say(key, since=circuit_view.since(circuit, watch))
    return f"{circuit_view.agreement(circuit)[1].capitalize()}. {circuit_view.next_note(circuit, watch).capitalize()}".strip(" .") + "."


def changes(transitions: Reading[Any], records: Sequence[Any], most: int = 9) -> list[Change]:
    """Circuits' transitions and people's acts in one list, newest first."""
    found = [
        Change(
            one.at,
            *circuit_view.transition_word(one),
            say("now.change_circuit", name=markup.text(one.circuit), cause=circuit_view.cause_words(one)),
        )
        for one in value_of(transitions) or []
        if not circuit_view.is_of_one_process(one) and "isolated" not in (one.to_state, one.from_state)
    ]
    found += [Change(record.at, *act_word(record), act_sentence(record)) for record in records if record.act not in _QUIET]
    return sorted(found, key=lambda change: change.at, reverse=True)[:most]


def act_word(record: Any) -> tuple[str, str]:
    """Kind and word of an audited act."""
    if record.outcome == "refused":
        return "bad", "Refused"
    return {"circuits.isolate": ("held", "Isolated"), "circuits.release": ("held", "Released"), "circuits.expire": ("held", "Expired")}.get(
        record.act, ("info", "Done")
    )


def act_sentence(record: Any, *, with_reason: bool = True) -> str:
    """'ana isolated geocoder', in words where we have them."""
    sentence = say("audit.sentence", who=markup.text(record.actor_name), act=act_name(record.act), what=object_words(record)).strip()
    return sentence + (f": “{markup.text(markup.short(record.reason, 48))}”" if with_reason and record.reason else "")


def object_words(record: Any) -> str:
    """What an act was done to, by its name where the record holds one; nothing where it is the actor."""
    if record.object_id == record.actor_id or record.act in _ON_ONESELF:
        return ""
    named = (record.after or {}).get("name") or (record.before or {}).get("name")
    return markup.text(markup.short(str(named or markup.brief_id(record.object_id)), 40))


def act_name(act: str) -> str:
    """What was done, as a verb in the past."""
    return may_say(f"audit.acts.{act.replace('.', '-')}") or markup.text(act)
