"""What a circuit went through, and what operators did to it, in words and as spans of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from components import markup
from components.times import Watch, span
from components.views import faults
from components.views.circuits import HOLDS, WORDS, end_of, state_of
from components.wording import may_say, say

_STATES = WORDS | HOLDS
BY_OPERATORS = frozenset({*HOLDS, "released", "expired", "reset"})  # causes of which the operators' own records tell more


@dataclass(frozen=True)
class Line:
    """One line of a story: when, state, why, and who saw or did it."""

    at: datetime
    kind: str
    word: str
    why: str
    who: str


def transition_word(transition: Any) -> tuple[str, str]:
    """Kind and word of what a transition led to; the end of a hold is a release, whatever the rules say next."""
    if transition.cause == "would_open":
        return "info", "Would open"
    if transition.cause == "reset":
        return "held", "Reset"
    if transition.to_state in HOLDS:
        return HOLDS[transition.to_state]
    if transition.from_state in HOLDS:
        return "held", "Released"
    return WORDS.get(transition.to_state, WORDS["unknown"])


def cause_words(transition: Any) -> str:
    """Why it moved, in words where there are any for its code."""
    code = transition.cause.removeprefix("process_")
    words = may_say(f"circuits.causes.{code}") or markup.text(transition.cause)
    return say("circuits.one_process", words=words) if is_of_one_process(transition) else words


def is_of_one_process(transition: Any) -> bool:
    """Whether one process moved by itself, not the fleet."""
    return bool(transition.cause.startswith("process_"))


def moves_fleet(transition: Any) -> bool:
    """Whether the fleet's circuit is another one since; not so where it was only told what would have happened."""
    return transition.cause != "would_open" and not is_of_one_process(transition)


def last_cause(transitions: Sequence[Any]) -> str:
    """Why the fleet's circuit is as it is, in words; '' when no move is known."""
    moves = [one for one in transitions if moves_fleet(one)]
    return cause_words(max(moves, key=lambda one: one.at)) if moves else ""


def story(transitions: Sequence[Any], orders: Sequence[Any] | None, watch: Watch, most: int = 60) -> list[Line]:
    """Moves of the circuit and acts of operators in one list, newest first. ``orders`` None: they cannot be read."""
    moves = [one for one in transitions if orders is None or one.cause not in BY_OPERATORS]
    lines = [Line(one.at, *transition_word(one), cause_words(one), seen_by(one)) for one in moves]
    lines += [Line(one.created_at, *order_word(one), order_words(one, watch), markup.text(one.actor_name)) for one in orders or ()]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:most]


def seen_by(transition: Any) -> str:
    """The process that saw it first; all where an operator's word moved it."""
    return markup.text(markup.brief_id(transition.instance)) if transition.instance else say("circuits.everybody")


def order_word(order: Any) -> tuple[str, str]:
    """Kind and word of an operator's act."""
    match order.slot:
        case "override":
            return HOLDS.get(order.kind, ("held", "Released"))
        case "reset":
            return "held", "Reset"
        case "fault":
            return ("pending", "Fault on") if order.kind != "none" else ("info", "Fault off")
        case _:
            return "info", "Policy"


def order_words(order: Any, watch: Watch) -> str:
    """What was ordered, until when, and why."""
    what = say(f"circuits.orders.{order.slot}_{order.kind}", fault=faults.words(order.document))
    until = f" {say('circuits.until_when', at=watch.clock(order.expires_at))}" if order.expires_at else ""
    return f"{what}{until}: “{markup.text(markup.short(order.reason, 80))}”"


def fault_words(order: Any, watch: Watch) -> str:
    """What is done to calls, until when, by whom and why."""
    return say(
        "circuits.fault_now",
        what=faults.words(order.document),
        until=end_of(order, watch),
        name=markup.text(order.actor_name),
        reason=markup.text(markup.short(order.reason, 80)),
    )


def order_reach(order: Any, circuit: Any) -> tuple[str, str]:
    """How far an order has come: by how many processes it is held, or whether the fleet was told of it."""
    standing = next((one for one in circuit.standings if one.record.id == order.id), None) if circuit else None
    if order.applied_at is None:
        return "pending", say("circuits.reach_recorded")
    if standing is None:
        return "info", say("circuits.reach_replaced")
    if not standing.in_force and order.slot != "reset" and order.kind != "none":
        return "info", say("circuits.reach_over")
    kind = "ok" if standing.known >= standing.live else "watch"
    return kind, say("circuits.reach", known=standing.known, all=standing.live)


def spans(
    transitions: Sequence[Any], circuit: Any, start: datetime, end: datetime, known_from: datetime | None = None
) -> list[tuple[float, float, str, str]]:
    """The fleet's states between two instants as fractions of that span; before ``known_from`` nobody kept a record."""
    moves = sorted((one for one in transitions if moves_fleet(one)), key=lambda one: one.at)
    inside, earlier = [one for one in moves if one.at > start], [one for one in moves if one.at <= start]
    present = _led_to(earlier[-1]) if earlier else _before(inside, circuit)
    length, at, found = (end - start).total_seconds(), 0.0, []
    if not earlier and known_from is not None and known_from > start:
        at = min((known_from - start).total_seconds() / length, 1.0)
        found.append((0.0, at, "neutral", say("circuits.no_record")))
    for one in inside:
        here = min(max((one.at - start).total_seconds() / length, at), 1.0)
        found.append((at, here, *present))
        at, present = here, _led_to(one)
    found.append((at, 1.0, *present))
    return [one for one in found if one[1] > one[0]]


def span_words(spans: Sequence[tuple[float, float, str, str]], length: timedelta) -> str:
    """How long it was in each state, in all: 'open 19 min, closed 41 min', for those who cannot read the bar."""
    sums: dict[str, float] = {}
    for begin, end, _, word in spans:
        sums[word] = sums.get(word, 0.0) + end - begin
    return ", ".join(f"{word.lower()} {span(part * length)}" for word, part in sorted(sums.items(), key=lambda item: item[1]))


def known_since(transitions: Sequence[Any], instances: Sequence[Any]) -> datetime | None:
    """The earliest instant of which anything is known: the oldest move, or the start of the oldest running process."""
    instants = [one.at for one in transitions] + [one.started_at for one in instances]
    return min(instants, default=None)


def _led_to(transition: Any) -> tuple[str, str]:
    return _STATES.get(transition.to_state, WORDS["unknown"])


def _before(inside: Sequence[Any], circuit: Any) -> tuple[str, str]:
    return _STATES.get(inside[0].from_state, WORDS["unknown"]) if inside else state_of(circuit)
