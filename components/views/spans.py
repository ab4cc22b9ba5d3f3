"""States over time as spans, from curves that are above zero while a state holds, or whose value names it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.monitoring.promql.result import Curve

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GRAVITY = ("bad", "held", "bypassed", "watch", "pending", "neutral", "ok", "info")
_Meaning = tuple[str, str]  # kind, word


@dataclass(frozen=True)
class Span:
    """From then until then it was so."""

    start: datetime
    end: datetime
    kind: str
    word: str


@dataclass(frozen=True)
class Row:
    """One thing and what it went through; where nothing was heard there is no span."""

    name: str
    spans: tuple[Span, ...]


def rows(curves: Sequence[Curve], label: str, state_label: str | None, meanings: Mapping[str, _Meaning], step_ms: int) -> list[Row]:
    """A row for each value of ``label``. With ``state_label`` a curve above zero says its state holds; else its value is the state.

    Several processes may see it differently: the gravest is shown.
    """
    seen: dict[str, dict[int, _Meaning]] = {}
    for curve in curves:
        labels = dict(curve.labels)
        here = seen.setdefault(labels.get(label, ""), {})
        for at, value in zip(curve.times.tolist(), curve.values.tolist(), strict=True):
            meaning = _meaning(labels.get(state_label, ""), meanings) if state_label and value > 0 else None
            if not state_label and value == value:
                meaning = _meaning(f"{value:g}", meanings)
            if meaning is not None:
                here[at] = min(here.get(at, meaning), meaning, key=lambda one: _GRAVITY.index(one[0]))
    return [Row(name, tuple(_spans(found, step_ms))) for name, found in sorted(seen.items()) if found]


def _meaning(state: str, meanings: Mapping[str, _Meaning]) -> _Meaning:
    return meanings.get(state) or ("neutral", state.replace("_", " ").capitalize() or "Unknown")


def _spans(found: Mapping[int, _Meaning], step_ms: int) -> list[Span]:
    """Neighbours that are alike together; a span lasts until the next sample, or a step where none follows soon."""
    spans: list[Span] = []
    begin, before, state = 0, None, None
    for at in sorted(found):
        if before is None or state is None:
            begin, state = at, found[at]
        elif at - before > 2.5 * step_ms:
            spans.append(_span(begin, before + step_ms, state))
            begin, state = at, found[at]
        elif found[at] != state:
            spans.append(_span(begin, at, state))
            begin, state = at, found[at]
        before = at
    if before is not None and state is not None:
        spans.append(_span(begin, before + step_ms, state))
    return spans


def _span(begin: int, end: int, state: _Meaning) -> Span:
    return Span(_EPOCH + timedelta(milliseconds=begin), _EPOCH + timedelta(milliseconds=end), *state)
