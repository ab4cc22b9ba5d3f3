"""Which items of two lists are about the same: by what they name, not by where they stand; events by when they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from backend.regression.instants import instant_seconds
from backend.regression.values import DAY_SECONDS

Item = Mapping[str, Any]
Pair = tuple[Item | None, Item | None]
# What tells an item from its neighbours, in the order of its label. Everything else about it is a value that may differ.
NAMES = (
    "eclipse", "event", "contact", "pattern", "bodies", "points", "lot", "star", "angle", "first", "body", "aspect", "second", "turns",
    "to_sign", "parallel", "point", "name",
)  # fmt: skip
_LAST_RESORT = ("house", "number", "phase", "sign")  # of a cusp, a lunation, a void Moon the name; of others a value
_DAYS = ("julian_day_tt", "julian_day_ut1")
_TEXTS = ("utc", "exact_utc", "start_utc", "begin_utc")


def matched(left: Sequence[Item], right: Sequence[Item]) -> Iterator[tuple[str, Item | None, Item | None]]:
    """Each pair with its label, in the order of the left list, then what only the right has; None stands for what is missing."""
    others = _by_label(right)
    for label, mine in _by_label(left).items():
        yield from _numbered(label, _pairs(mine, others.pop(label, [])))
    for label, theirs in others.items():
        yield from _numbered(label, [(None, item) for item in theirs])


def label_of(item: Item) -> str:
    """What an item is about; empty where nothing tells."""
    words = [_word(item.get(name)) for name in NAMES]
    return " ".join(word for word in words if word) or next((_word(item[name]) for name in _LAST_RESORT if _word(item.get(name))), "")


def _word(value: Any) -> str:
    """A name; of a list of names all of them."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(_word(one) for one in value)
    return str(value).replace("_", " ") if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _by_label(items: Sequence[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(label_of(item), []).append(item)
    return groups


def _numbered(label: str, pairs: Sequence[Pair]) -> Iterator[tuple[str, Item | None, Item | None]]:
    for number, (mine, theirs) in enumerate(pairs, 1):
        yield (f"{label} {number}".strip() if len(pairs) > 1 else label or "1"), mine, theirs


def _pairs(left: Sequence[Item], right: Sequence[Item]) -> list[Pair]:
    """By order; where one list has more events of a kind, by when they are."""
    mine, theirs = [_when(item) for item in left], [_when(item) for item in right]
    if len(left) != len(right) and None not in mine and None not in theirs:
        return _nearest(left, right, [when or 0.0 for when in mine], [when or 0.0 for when in theirs])
    return [(left[at] if at < len(left) else None, right[at] if at < len(right) else None) for at in range(max(len(left), len(right)))]


def _nearest(left: Sequence[Item], right: Sequence[Item], mine: Sequence[float], theirs: Sequence[float]) -> list[Pair]:
    """The closest in time belong together, so that one lost event does not move all that come after it."""
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, one, other in sorted((abs(a - b), one, other) for one, a in enumerate(mine) for other, b in enumerate(theirs)):
        if one not in partner and other not in taken:
            partner[one] = other
            taken.add(other)
    pairs: list[tuple[float, Pair]] = [
        (mine[one], (item, right[partner[one]] if one in partner else None)) for one, item in enumerate(left)
    ]
    pairs += [(theirs[other], (None, item)) for other, item in enumerate(right) if other not in taken]
    return [pair for _, pair in sorted(pairs, key=lambda timed: timed[0])]


def _when(item: Item) -> float | None:
    """When an event is, in seconds of a scale of its own; only differences count."""
    day = next((item[name] for name in _DAYS if isinstance(item.get(name), int | float)), None)
    if day is not None:
        return float(day) * DAY_SECONDS
    text = next((item[name] for name in _TEXTS if isinstance(item.get(name), str)), None)
    return None if text is None else instant_seconds(text)
