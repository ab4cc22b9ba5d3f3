"""What a circuit's state means in words: for the cards, the detail and the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from components import markup
from components.times import SPACE, Watch, percent, seconds_word, span
from components.views import happenings
from components.wording import say

WORDS = {"closed": ("ok", "Closed"), "open": ("bad", "Open"), "half_open": ("watch", "Half-open"), "unknown": ("neutral", "Unknown")}
HOLDS = {
    "isolated": ("held", "Isolated"),
    "forced_open": ("held", "Forced open"),
    "disabled": ("bypassed", "Disabled"),
    "metrics_only": ("bypassed", "Metrics only"),
}
_WORST = ("bad", "bypassed", "neutral", "held", "watch", "ok")
_SHARES = (0.1, 0.25, 0.5, 1.0)  # of the calls, in four equal steps after a circuit has closed


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
    around: str
    has_fault: bool


def held(circuit: Any) -> str:
    """How an operator holds the circuit: an override's kind, '' for none."""
    kind = circuit.override.kind if circuit.override else ""
    return kind if kind in HOLDS else ""


def stops_calls(circuit: Any) -> bool:
    return held(circuit) in {"isolated", "forced_open"}


def lets_all_through(circuit: Any) -> bool:
    """Whether its protection is off by an operator's word."""
    return held(circuit) in {"disabled", "metrics_only"}


def has_fault(circuit: Any) -> bool:
    return circuit.fault is not None and circuit.fault.kind != "none"


def state_of(circuit: Any) -> tuple[str, str]:
    """Kind and word: an operator's hold comes before what the rules say."""
    if held(circuit):
        return HOLDS[held(circuit)]
    if circuit.state == "closed" and circuit.ramp_left_seconds > 0:
        return "watch", "Recovering"
    return WORDS.get(circuit.state, WORDS["unknown"])


def shown(circuit: Any, *, old: bool) -> tuple[str, str]:
    """The same, but an old state is told as what it was; a hold is known from the operators' own records, however old the rest."""
    kind, word = state_of(circuit)
    return ("neutral", f"Was {word.lower()}") if old and not held(circuit) and kind != "neutral" else (kind, word)


def worst_first(circuits: Sequence[Any]) -> list[Any]:
    return sorted(circuits, key=lambda circuit: (_WORST.index(state_of(circuit)[0]), not has_fault(circuit), circuit.title))


def counts(circuits: Sequence[Any], *, old: bool = False) -> list[tuple[str, str]]:
    """How many are in each state, worst first, and how many have trouble on purpose."""
    found: dict[tuple[str, str], int] = {}
    for circuit in worst_first(circuits):
        found[shown(circuit, old=old)] = found.get(shown(circuit, old=old), 0) + 1
    faulty = sum(has_fault(circuit) for circuit in circuits)
    words = [(kind, f"{number} {word.lower()}") for (kind, word), number in found.items()]
    return [*words, ("pending", say("circuits.with_fault", count=faulty))] if faulty else words


def card(circuit: Any, watch: Watch, *, old: bool = False) -> Card:
    kind, word = shown(circuit, old=old)
    facts = (
        ("Failed", percent(circuit.failed_ratio)),
        ("Slow", percent(circuit.slow_ratio)),
        ("p95", seconds_word(circuit.p95_seconds)),
        ("Calls", f"{circuit.calls:,} in {circuit.window_seconds:g}{SPACE}s"),
    )
    bars = tuple((bar.ok, bar.bad) for bar in circuit.bars)
    return Card(
        circuit.name,
        markup.text(circuit.title),
        kind,
        word,
        since(circuit, watch) if circuit.configured else say("circuits.of_service", service=service(circuit), since=since(circuit, watch)),
        bars,
        facts,
        agreement(circuit),
        next_note(circuit, watch),
        happenings.brief(circuit.happenings),
        has_fault(circuit),
    )


def service(circuit: Any) -> str:
    return markup.text(circuit.service) if circuit.service else say("circuits.no_service")


def since(circuit: Any, watch: Watch) -> str:
    """'since 14:02 UTC, 19 min', or until when and by whom it is held."""
    if held(circuit):
        return say("circuits.until", until=end_of(circuit.override, watch), name=markup.text(circuit.override.actor_name))
    if circuit.since is None:
        return say("circuits.since_start")
    key = "circuits.since" if circuit.state != "closed" else "circuits.for"
    return say(key, at=watch.clock(circuit.since), span=watch.ago(circuit.since))


def end_of(order: Any, watch: Watch) -> str:
    """Until when, or until what, an order holds."""
    return watch.clock(order.expires_at) if order.expires_at else say("circuits.released")


def agreement(circuit: Any) -> tuple[str, str]:
    """Whether the processes agree, as kind and words."""
    all_of = [instance for instance in circuit.instances if instance.is_live]
    if not all_of:
        return "neutral", say("circuits.no_process")
    late = [standing for standing in circuit.standings if standing.in_force and standing.known < standing.live]
    if late:
        return "watch", say("circuits.applied", known=late[0].known, all=late[0].live)
    if held(circuit):
        return "ok", say("circuits.applied", known=len(all_of), all=len(all_of))
    other = [instance for instance in all_of if instance.state != circuit.state]
    if other and circuit.state == "closed":
        return "watch", say("circuits.stopped_alone", count=len(other), all=len(all_of))
    return "ok", say("circuits.reporting", count=len(all_of), all=len(circuit.instances))


def next_note(circuit: Any, watch: Watch) -> str:
    """What happens next, or how old the processes' reports are."""
    if stops_calls(circuit):
        return say("circuits.no_calls")
    if lets_all_through(circuit):
        return say("circuits.all_calls")
    if circuit.next_probe_at is not None and circuit.state == "open":
        return say("circuits.probe_in", span=watch.until(circuit.next_probe_at))
    if circuit.state == "closed" and circuit.ramp_left_seconds > 0:
        return say("circuits.ramp", share=percent(ramp_share(circuit)))
    lags = [instance.lag_seconds for instance in circuit.instances if instance.lag_seconds is not None]
    return say("circuits.lag", lag=f"{max(lags):.1f}{SPACE}s") if lags else ""


def ramp_share(circuit: Any) -> float | None:
    """Which part of the calls is let out while the circuit recovers; None while its policy is not known."""
    whole = figure(circuit, "ramp_seconds")
    if not isinstance(whole, int | float) or whole <= 0:
        return None
    gone = 1.0 - min(circuit.ramp_left_seconds / whole, 1.0)
    return _SHARES[min(int(gone * len(_SHARES)), len(_SHARES) - 1)]


def headline(circuit: Any, watch: Watch, cause: str = "") -> str:
    """The detail's first sentence, after the state's word: how long, in numbers, or by whom. ``cause``: of the last move, in words."""
    if held(circuit):
        override = circuit.override
        words = {"name": markup.text(override.actor_name), "until": end_of(override, watch), "reason": markup.text(override.reason)}
        return say(f"circuits.headline_{held(circuit)}", **words)
    length = watch.ago(circuit.since) if circuit.since else say("circuits.since_start")
    if circuit.failed_ratio is None:
        return say("circuits.headline_cause", span=length, cause=cause) if cause else say("circuits.headline_idle", span=length)
    return say("circuits.headline", span=length, failed=round(circuit.failed_ratio * circuit.calls), calls=circuit.calls)


def rule(circuit: Any, watch: Watch) -> str:
    """The circuit's own rule in a sentence or two, from the figures in force."""
    ratio, least, slow = (figure(circuit, name) for name in ("failure_ratio", "minimum_calls", "slow_ratio"))
    wait, probes, limit = (figure(circuit, name) for name in ("wait_seconds", "probes", "slow_seconds"))
    parts = []
    if ratio is not None and least is not None:
        parts.append(say("circuits.rule_opens", ratio=percent(float(ratio)), least=least))
    if slow is not None and limit is not None:
        parts.append(say("circuits.rule_slow", ratio=percent(float(slow)), limit=seconds_word(float(limit))))
    if wait is not None and probes is not None:
        parts.append(say("circuits.rule_waits", wait=span(timedelta(seconds=float(wait))), probes=probes))
    if circuit.next_probe_at is not None and circuit.state == "open" and not held(circuit):
        parts.append(say("circuits.rule_next", at=watch.exact(circuit.next_probe_at)))
    return " ".join(parts) or say("circuits.rule_unknown")


def figure(circuit: Any, name: str) -> Any:
    """One figure of the circuit's own part of the policy in force; None when nobody told."""
    part = (circuit.policy.document or {}).get("circuit")
    return part.get(name) if isinstance(part, Mapping) else None
