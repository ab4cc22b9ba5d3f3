"""The audit log as rows, and one record in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from backend.audit.record import Criteria
from components import markup
from components.times import Watch
from components.views.acts import act_name, act_sentence
from components.views.ranges import TimeRange

RANGES = {
    "hour": ("Last hour", timedelta(hours=1)),
    "day": ("Last 24 h", timedelta(days=1)),
    "week": ("Last 7 days", timedelta(days=7)),
    "all": ("All", None),
}
_OUTCOMES = {"done": "● done", "refused": "▲ refused"}
_HELD = ("circuits.", "faults.")


def criteria(within: str, actor: str, act: str | None, what: str, span: TimeRange | None = None, *, now: datetime) -> Criteria:
    """What the filters ask for; an empty filter asks for nothing. A fixed ``span`` stands in the place of how far back."""
    length = RANGES.get(within, RANGES["all"])[1]
    since, until = (span.start, span.end) if span else (now - length if length else None, None)
    return Criteria(since=since, until=until, actor=actor.strip() or None, act=act or None, text=what.strip() or None)


def rows(records: list[Any], watch: Watch) -> list[dict[str, str]]:
    """The log's columns; a grid shows text as it is, so nothing is escaped here."""
    return [
        {
            watch.name: watch.bare(record.at),
            "Actor": record.actor_name,
            "Act": record.act,
            "Object": markup.short(f"{record.object_kind} {_object(record)}".strip(), 44),
            "Outcome": outcome(record),
        }
        for record in records
    ]


def _object(record: Any) -> str:
    named = (record.after or {}).get("name") or (record.before or {}).get("name")
    return str(named or markup.brief_id(record.object_id))


def outcome(record: Any) -> str:
    """A text glyph and a word, as a grid has no drawings."""
    if record.outcome == "done" and record.act.startswith(_HELD):
        return "⊘ done"
    return _OUTCOMES.get(record.outcome, f"◇ {record.outcome}")


def sentence(record: Any) -> str:
    """The record in one sentence; its reason stands on a line of its own."""
    words = act_sentence(record, with_reason=False)
    return words if record.outcome == "done" else f"{words}: refused"


def origin(record: Any, watch: Watch) -> str:
    """When, as what, from where."""
    parts = [
        watch.full(record.at),
        record.actor_role or record.actor_kind,
        f"from {record.address}" if record.address else "from this machine",
    ]
    return " · ".join(markup.text(part) for part in parts)


def identifiers(record: Any) -> list[dict[str, str]]:
    """The ids by which other pages and logs know it."""
    named = {
        "Record": record.id,
        "Number": str(record.sequence),
        "Act": record.act,
        "Object": f"{record.object_kind} {record.object_id}",
        "Request": record.request_id,
        "Session": record.session_id,
    }
    return [{"a": f":gray[{name}]", "b": markup.code(value)} for name, value in named.items() if value]


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Field by field, what it was and what it is; of parts within parts only what is not the same."""
    old, new = _flat(before), _flat(after)
    names = [name for name in dict.fromkeys([*old, *new]) if "." not in name or old.get(name) != new.get(name)]
    return [{"Field": markup.text(name), "Before": _value(old, name), "After": _value(new, name)} for name in names]


def _flat(side: Mapping[str, Any] | None, above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in (side or {}).items():
        found.update(_flat(value, f"{above}{name}.") if isinstance(value, Mapping) else {f"{above}{name}": value})
    return found


def _value(side: Mapping[str, Any], name: str) -> str:
    if side.get(name) is None:
        return ":gray[–]"
    value = side[name]
    words = ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
    return markup.text(markup.short(words, 80))


def act_choices(facets: Mapping[str, int]) -> dict[str, str]:
    """Each act with its count, most frequent first."""
    return {act: f"{act_name(act)} ({count})" for act, count in sorted(facets.items(), key=lambda item: (-item[1], item[0]))}
