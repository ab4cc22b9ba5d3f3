"""Log lines as rows, in full, and as files. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from backend.monitoring.logs.record import LEVELS, Counts, Criteria, LogLine
from components import markup
from components.times import Watch, seconds_word
from components.views.ranges import TimeRange

GLYPHS = {"debug": "·", "info": "◇", "warning": "△", "error": "▲", "critical": "■"}
KINDS = {"debug": "neutral", "info": "info", "warning": "watch", "error": "bad", "critical": "bad"}
LONGEST_SAID = 160
_BARE = ("method", "route", "status", "seconds")  # what needs no name to be understood
_FIRST = ("error_type", "error_code", "job", "circuit", "store", "task", "count")
_IDS = ("request_id", "trace_id", "actor_id", "instance")


def criteria(span: TimeRange, asked: Mapping[str, Any]) -> Criteria:
    """What the filters ask for. A span that ends now takes in the second that is under way."""
    names = {"q": "text", "request": "request_id", "trace": "trace_id", "route": "route", "role": "role", "process": "instance"}
    told = {field: str(asked.get(name, "")) for name, field in names.items()}
    return Criteria(span.start, span.end, tuple(asked.get("level", ())), **told)


def level_word(level: str) -> str:
    return f"{GLYPHS[level]} {level}"


def columns(lines: Sequence[LogLine], watch: Watch) -> dict[str, list[str]]:
    """The grid's columns; a grid shows text as it is, so nothing is escaped here."""
    return {
        watch.name: [moment(line, watch) for line in lines],
        "Level": [level_word(line.level) for line in lines],
        "Role": [line.role for line in lines],
        "Event": [line.event for line in lines],
        "Said": [said(line) for line in lines],
        "Request": [markup.brief_id(line.request_id or "") for line in lines],
    }


def moment(line: LogLine, watch: Watch) -> str:
    """With milliseconds; with the day when it is another."""
    local, today = line.at.astimezone(watch.zone), watch.now.astimezone(watch.zone).date()
    day = "" if local.date() == today else f"{local.day} {local:%b} "
    return f"{day}{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def said(line: LogLine) -> str:
    """The line's values in one row, those first that matter most."""
    values = {**({"route": line.route} if line.route else {}), **line.fields}
    bare = [_value(name, values.pop(name)) for name in _BARE if name in values]
    names = [name for name in _FIRST if name in values] + [name for name in values if name not in _FIRST]
    return markup.short("  ".join([*bare, *(f"{name}={_value(name, values[name])}" for name in names)]), LONGEST_SAID)


def _value(name: str, value: Any) -> str:
    if name == "seconds" and isinstance(value, int | float):
        return seconds_word(float(value))
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)


def fields(line: LogLine) -> list[dict[str, str]]:
    """Everything the line says, name by name."""
    named = {"role": line.role, "source": line.source, "route": line.route, **{name: getattr(line, name) for name in _IDS}}
    rows = {**{name: value for name, value in named.items() if value}, **line.fields}
    return [{"a": f":gray[{markup.text(name)}]", "b": markup.code(markup.short(_value(name, value), 600))} for name, value in rows.items()]


def neighbours(lines: Sequence[LogLine], chosen: str, watch: Watch) -> list[dict[str, str]]:
    """Lines around one, that one in bold."""
    return [
        {
            watch.name: f":gray[{moment(line, watch)}]",
            "Level": level_word(line.level),
            "Said": f"{'**' if line.id == chosen else ''}{markup.text(line.event)}{'**' if line.id == chosen else ''} "
            + markup.soft(markup.text(markup.short(said(line), 110))),
        }
        for line in lines
    ]


def total_words(counts: Counts | None) -> str:
    """'12,345 lines, 23 of them errors', worst level first."""
    if counts is None:
        return ""
    by_level = {level: sum(bucket.counts.get(level, 0) for bucket in counts.buckets) for level in LEVELS}
    told = [f"{by_level[level]:,} × {level}" for level in reversed(LEVELS) if by_level[level]]
    number = f"{counts.total:,} line{'' if counts.total == 1 else 's'}"
    return f"{number}: {', '.join(told)}" if told else number


def as_csv(lines: Sequence[LogLine]) -> str:
    """Columns: time (UTC, ISO 8601), level, role, event, source, ids, route, and all other values as JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = ("level", "role", "event", "source", "request_id", "trace_id", "actor_id", "instance", "route")
    writer.writerow(("at", *names, "fields"))
    for line in lines:
        cells = [_harmless(str(getattr(line, name) or "")) for name in names]
        writer.writerow((line.at.isoformat(), *cells, json.dumps(dict(line.fields), default=str)))
    return text.getvalue()


def as_json(lines: Sequence[LogLine]) -> str:
    """A list of the lines as they were written."""
    return json.dumps([line.document() for line in lines], indent=1, default=str)


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
