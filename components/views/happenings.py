"""What happened around the calls: retries, what the budget refused, where answers came from instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from components import markup
from components.times import span
from components.wording import may_say, say

_COUNTED = ("retried", "budget_refused", "hedged", "hedge_won", "bulkhead_full", "fault_injected", "would_open")


def within(happenings: Any) -> str:
    """Of which time the sums are."""
    return say("circuits.around_span", span=span(timedelta(seconds=happenings.seconds))) if happenings else ""


def brief(happenings: Any) -> str:
    """'12 retried · 3 beyond the budget · 40 answered otherwise'; that there was nothing, or that nobody told."""
    if happenings is None:
        return say("circuits.brief.unknown")
    sums = {
        "retried": happenings.retried,
        "budget_refused": happenings.budget_refused,
        "fell_back": sum(happenings.fell_back.values()),
    }
    return " · ".join(say(f"circuits.brief.{name}", count=f"{count:,}") for name, count in sums.items() if count) or say(
        "circuits.brief.nothing"
    )


def sums(happenings: Any) -> list[tuple[str, str]]:
    """Each thing that happened, with how often."""
    counted = [(say(f"circuits.around.{name}"), getattr(happenings, name)) for name in _COUNTED]
    counted += [(say("circuits.around.refused", why=refusal(code)), count) for code, count in sorted(happenings.refused.items())]
    return [(label, f"{count:,}") for label, count in counted if count]


def never(happenings: Any) -> str:
    """What did not happen at all, so that it is known and not in the way."""
    names = [say(f"circuits.around.{name}") for name in _COUNTED if not getattr(happenings, name)]
    return say("circuits.around.none", names="; ".join(name[0].lower() + name[1:] for name in names)) if names else ""


def refusal(code: str) -> str:
    """Why a call was not made, in words where there are any for its code."""
    return may_say(f"circuits.refusals.{code}") or markup.text(code)


def sources(circuit: Any) -> list[tuple[str, float | None, int | None]]:
    """Where answers came from, the most first: source, its share of all answers, and how many where that was counted."""
    counted: Mapping[str, int] = circuit.happenings.fell_back if circuit.happenings else {}
    shares: Mapping[str, float] = circuit.answered or {}
    names = sorted({*counted, *shares}, key=lambda name: (-shares.get(name, 0.0), -counted.get(name, 0), name))
    return [(name, shares.get(name), counted.get(name)) for name in names]


def source_word(name: str) -> str:
    return may_say(f"circuits.sources.{name.replace(' ', '_')}") or markup.text(name)
