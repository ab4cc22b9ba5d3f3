"""What happened around the charts: marks and shaded spans on them, and the same as a list in which each leads on. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.operations.annotations import Annotations
from components import markup
from components.views import circuit_history as history
from components.views.acts import act_sentence, act_word
from components.views.plots import Mark, Shade
from components.wording import say

_SHADED = {"open": "bad", "isolated": "held", "forced_open": "held"}


@dataclass(frozen=True)
class Noted:
    """One thing that happened, with the page where more is to be read."""

    at: datetime
    kind: str
    word: str
    text: str
    page: str
    params: dict[str, str] = field(default_factory=dict)
    link: str = ""


def marks(found: Annotations, start: datetime, end: datetime) -> tuple[Mark, ...]:
    """Deploys and acts of operators as rules on every chart."""
    deploys = [Mark(one.at, say("traffic.deploy", version=one.version), "info") for one in found.deploys]
    acts = [Mark(one.at, "", act_word(one)[0]) for one in found.acts if one.outcome == "done"]
    return tuple(one for one in (*deploys, *acts) if start <= one.at <= end)


def shades(found: Annotations, start: datetime, end: datetime) -> tuple[Shade, ...]:
    """The spans during which a circuit let no calls out."""
    spans = []
    for circuit in sorted({one.circuit for one in found.transitions}):
        moves = sorted((one for one in found.transitions if one.circuit == circuit and history.moves_fleet(one)), key=lambda one: one.at)
        spans += _spans(circuit, moves, end)
    return tuple(one for one in spans if one.end > start and one.start < end)


def _spans(circuit: str, moves: Sequence[Any], end: datetime) -> list[Shade]:
    """From each move into such a state until the next move out of it; one that lasts ends with the span."""
    found = []
    for move, following in zip(moves, [*moves[1:], None], strict=True):
        if move.to_state in _SHADED:
            until = following.at if following else end
            words = say("traffic.held", circuit=circuit, state=move.to_state.replace("_", " "))
            found.append(Shade(move.at, until, words, _SHADED[move.to_state]))
    return found


def noted(found: Annotations, start: datetime, end: datetime) -> list[Noted]:
    """All of it, newest first; what operators did is told by their act, not again by the circuit's move."""
    told = [
        Noted(one.at, "info", say("traffic.deployed"), _deploy_words(one), "audit", {"audit_text": one.id, "audit_range": "all"}, one.link)
        for one in found.deploys
    ]
    told += [
        Noted(one.at, *history.transition_word(one), _move_words(one), "breakers", {"circuit": one.circuit})
        for one in found.transitions
        if one.at >= start and one.cause not in history.BY_OPERATORS and not history.is_of_one_process(one)
    ]
    told += [Noted(one.at, *act_word(one), act_sentence(one), "audit", {"record": one.id}) for one in found.acts]
    return sorted((one for one in told if start <= one.at <= end), key=lambda one: one.at, reverse=True)


def _deploy_words(deploy: Any) -> str:
    words = say(
        "traffic.deploy_words", service=markup.text(deploy.service), version=markup.text(deploy.version), who=markup.text(deploy.actor_name)
    )
    return f"{words}: {markup.text(markup.short(deploy.note, 80))}" if deploy.note else words


def _move_words(move: Any) -> str:
    return say("now.change_circuit", name=markup.text(move.circuit), cause=history.cause_words(move))
