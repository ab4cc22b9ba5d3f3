"""What happened around the calls, added up for a card: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from backend.operations.circuit_view import Happenings
from backend.resilience.listener import Happened
from backend.resilience.readings import HappeningReading

PRIMARY = "primary"
_PLAIN = tuple(kind for kind in Happened if kind not in (Happened.REFUSED, Happened.FELL_BACK))


def summed(happenings: Sequence[HappeningReading], window_seconds: float, now: datetime, known_since: float) -> Happenings:
    """The sums of the last ``window_seconds``; of less where nobody knows what was before ``known_since``, in seconds since 1970."""
    since = max(now.timestamp() - window_seconds, known_since)
    kinds: Counter[str] = Counter()
    details: dict[str, Counter[str]] = {Happened.REFUSED: Counter(), Happened.FELL_BACK: Counter()}
    for one in happenings:
        if one.at_seconds >= since:
            kinds[one.kind] += one.count
            if one.kind in details:
                details[one.kind][one.detail] += one.count
    return Happenings(
        max(0.0, min(window_seconds, now.timestamp() - since)),
        **{kind.value: kinds[kind] for kind in _PLAIN},
        refused=dict(details[Happened.REFUSED]),
        fell_back=dict(details[Happened.FELL_BACK]),
    )


def answered(ok: int, sums: Happenings, window_seconds: float) -> Mapping[str, float] | None:
    """Which share of the answers came from where: the dependency's own good answers, and each source that stood in for it."""
    if sums.seconds < window_seconds:
        return None  # the good answers are counted over a longer time than what stood in for them
    counts = {PRIMARY: ok, **sums.fell_back}
    total = sum(counts.values())
    return {source: count / total for source, count in counts.items()} if total else None
