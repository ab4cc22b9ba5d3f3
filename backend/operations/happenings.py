"""What happened around the calls, added up for a card: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from backend.operations.circuit_view import Happenings
from backend.resilience.listener import Happened
from backend.resilience.readings import HappeningReading

_PRIMARY = "primary"
_PLAIN = (Happened.RETRIED, Happened.BUDGET_REFUSED, Happened.HEDGED, Happened.HEDGE_WON, Happened.BULKHEAD_FULL, Happened.FAULT_INJECTED)


def summed(happenings: Sequence[HappeningReading], window_seconds: float, now: datetime) -> Happenings:
    """The sums of the last ``window_seconds``."""
    since = now.timestamp() - window_seconds
    kinds: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    fell_back: Counter[str] = Counter()
    for one in happenings:
        if one.at_seconds >= since:
            kinds[one.kind] += one.count
            refused[one.detail] += one.count if one.kind == Happened.REFUSED else 0
            fell_back[one.detail] += one.count if one.kind == Happened.FELL_BACK else 0
    return Happenings(
        window_seconds,
        **{kind.value: kinds[kind] for kind in (*_PLAIN, Happened.WOULD_OPEN)},
        refused={code: count for code, count in refused.items() if count},
        fell_back={source: count for source, count in fell_back.items() if count},
    )


def answered(ok: int, sums: Happenings | None) -> Mapping[str, float] | None:
    """Which share of the answers came from where: the dependency's own good answers, and each source that stood in for it."""
    if sums is None:
        return None
    counts = {_PRIMARY: ok, **sums.fell_back}
    total = sum(counts.values())
    return {source: count / total for source, count in counts.items()} if total else None
