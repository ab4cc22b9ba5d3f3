"""What a circuit's state means in words: for the cards, the detail and the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from typing import Any

from components import markup
from components.times import SPACE, Watch, percent, seconds_word, span
from components.wording import may_say, say

WORDS = {"closed": ("ok", "Closed"), "open": ("bad", "Open"), "half_open": ("watch", "Half-open"), "unknown": ("neutral", "Unknown")}
_STATES = WORDS | {"isolated": ("held", "Isolated")}
_WORST = ("bad", "neutral", "held", "watch", "ok")


@dataclass(frozen=True)
class Card:
    """One circuit as a card draws it."""

    name: str
    title: str
    kind: str
    word: str
    since: str
    bars: tuple[tuple[int, int], ...]
    facts: tuple[tuple[str, str], ...]
    agreement: tuple[str, str]
    note: str


def isolated(circuit: Any) -> bool:
    """Held by an operator."""
    return circuit.override is not None and circuit.override.kind == "isolated"


def state_of(circuit: Any) -> tuple[str, str]:
    """Kind and word: an operator's hold comes before what the rules say."""
    return ("held", "Isolated") if isolated(circuit) else WORDS.get(circuit.state, WORDS["unknown"])


def shown(circuit: Any, *, old: bool) -> tuple[str, str]:
    """The same, but an old state is told as what it was; a hold is known from the operators' own records, however old the rest."""
    kind, word = state_of(circuit)
    return ("neutral", f"Was {word.lower()}") if old and kind not in {"held", "neutral"} else (kind, word)


def worst_first(circuits: Sequence[Any]) -> list[Any]:
    return sorted(circuits, key=lambda circuit: (_WORST.index(state_of(circuit)[0]), circuit.title))


def counts(circuits: Sequence[Any], *, old: bool = False) -> list[tuple[str, str]]:
    """How many are in each state, worst first."""
    found: dict[tuple[str, str], int] = {}
    for circuit in worst_first(circuits):
        found[shown(circuit, old=old)] = found.get(shown(circuit, old=old), 0) + 1
    return [(kind, f"{number} {word.lower()}") for (kind, word), number in found.items()]


def card(circuit: Any, watch: Watch, *, old: bool = False) -> Card:
    kind, word = shown(circuit, old=old)
    facts = (
        ("Failed", percent(circuit.failed_ratio)),
        ("Slow", percent(circuit.slow_ratio)),
        ("p95", seconds_word(circuit.p95_seconds)),
        ("Window", f"{circuit.window_seconds:g}{SPACE}s"),
    )
    bars = tuple((bar.ok, bar.bad) for bar in circuit.bars)
    return Card(
        circuit.name,
        markup.text(circuit.title),
        kind,
        word,
        since(circuit, watch),
        bars,
        facts,
        agreement(circuit),
        next_note(circuit, watch),
    )


def since(circuit: Any, watch: Watch) -> str:
    """'since 14:02 UTC, 19 min', or until when and by whom it is held."""
    if isolated(circuit):
        return say("circuits.until", until=_end(circuit.override, watch), name=markup.text(circuit.override.actor_name))
    if circuit.since is None:
        return say("circuits.since_start")
    key = "circuits.since" if circuit.state != "closed" else "circuits.for"
    return say(key, at=watch.clock(circuit.since), span=watch.ago(circuit.since))


def _end(override: Any, watch: Watch) -> str:
    return watch.clock(override.expires_at) if override.expires_at else say("circuits.released")


def agreement(circuit: Any) -> tuple[str, str]:
    """Whether the processes agree, as kind and words."""
    all_of = [instance for instance in circuit.instances if getattr(instance, "is_live", True)]
    if not all_of:
        return "neutral", say("circuits.no_process")
    if isolated(circuit) and circuit.applied[0] < circuit.applied[1]:
        return "watch", say("circuits.applied", known=circuit.applied[0], all=circuit.applied[1])
    other = [instance for instance in all_of if instance.state != circuit.state]
    if other:
        return "watch", say("circuits.disagree", agreeing=len(all_of) - len(other), all=len(all_of))
    return "ok", say("circuits.agree", agreeing=len(all_of), all=len(all_of))


def next_note(circuit: Any, watch: Watch) -> str:
    """What happens next, or how old the processes' reports are."""
    if isolated(circuit):
        return say("circuits.no_calls")
    if circuit.next_probe_at is not None and circuit.state == "open":
        return say("circuits.probe_in", span=watch.until(circuit.next_probe_at))
    lags = [instance.lag_seconds for instance in circuit.instances if instance.lag_seconds is not None]
    return say("circuits.lag", lag=f"{max(lags):.1f}{SPACE}s") if lags else ""


def headline(circuit: Any, watch: Watch) -> str:
    """The detail's first sentence, after the state's word."""
    if isolated(circuit):
        override = circuit.override
        return say(
            "circuits.headline_held",
            name=markup.text(override.actor_name),
            until=_end(override, watch),
            reason=markup.text(override.reason),
        )
    length = watch.ago(circuit.since) if circuit.since else say("circuits.since_start")
    if circuit.failed_ratio is None:
        return say("circuits.headline_idle", span=length)
    return say("circuits.headline", span=length, failed=percent(circuit.failed_ratio), calls=circuit.calls)


def rule(circuit: Any, watch: Watch) -> str:
    """The circuit's own rule in one sentence, from whatever its policy names."""
    policy = _as_mapping(circuit.policy)
    ratio, least = policy.get("failure_ratio", policy.get("failed_ratio")), policy.get("minimum_calls")
    wait, probes = policy.get("wait_seconds", policy.get("open_seconds")), policy.get("probes")
    parts = []
    if ratio is not None and least is not None:
        parts.append(say("circuits.rule_opens", ratio=percent(float(ratio)), least=least))
    if wait is not None and probes is not None:
        parts.append(say("circuits.rule_waits", wait=span(timedelta(seconds=float(wait))), probes=probes))
    if circuit.next_probe_at is not None and circuit.state == "open" and not isolated(circuit):
        parts.append(say("circuits.rule_next", at=watch.exact(circuit.next_probe_at)))
    return " ".join(parts)


def _as_mapping(policy: Any) -> Mapping[str, Any]:
    if is_dataclass(policy) and not isinstance(policy, type):
        return {item.name: getattr(policy, item.name) for item in fields(policy)}
    return policy if isinstance(policy, Mapping) else {}


def transition_word(transition: Any) -> tuple[str, str]:
    """Kind and word of what a transition led to; the end of a hold is a release, whatever the rules say next."""
    if transition.to_state == "isolated":
        return "held", "Isolated"
    if transition.from_state == "isolated":
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


def spans(
    transitions: Sequence[Any], circuit: Any, start: datetime, end: datetime, known_from: datetime | None = None
) -> list[tuple[float, float, str, str]]:
    """The fleet's states between two instants as fractions of that span; before ``known_from`` nobody kept a record."""
    moves = sorted((one for one in transitions if not is_of_one_process(one)), key=lambda one: one.at)
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


def known_since(transitions: Sequence[Any], instances: Sequence[Any]) -> datetime | None:
    """The earliest instant of which anything is known: the oldest move, or the start of the oldest running process."""
    instants = [one.at for one in transitions] + [one.started_at for one in instances]
    return min(instants, default=None)


def _led_to(transition: Any) -> tuple[str, str]:
    return _STATES.get(transition.to_state, WORDS["unknown"])


def _before(inside: Sequence[Any], circuit: Any) -> tuple[str, str]:
    return _STATES.get(inside[0].from_state, WORDS["unknown"]) if inside else state_of(circuit)
