"""Requests as rows, one as a waterfall of its parts, and what was decided on the way. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.monitoring.logs.record import LogLine
from backend.monitoring.records import RequestRecord
from backend.monitoring.requests.record import RequestCriteria, checked_order
from backend.telemetry.spans import OK, Span
from components import markup
from components.times import SPACE, Watch, seconds_word
from components.views.ranges import TimeRange
from components.wording import say

TONES = {"5xx": "bad", "4xx": "watch", "3xx": "neutral", "2xx": "ok"}
DECIDING = ("cache", "dependency", "retry", "fallback", "breaker", "circuit", "bulkhead", "deadline", "refus")
_TOOK = re.compile(r"(\d{1,6}(?:[.,]\d{1,6})?)\s*(ms|s)?")
_TECHNIQUE = re.compile(r"/v1/([a-z][a-z_-]{1,40})")
NATAL_ROUTE = "/v1/charts"
_NAMES = ("id", "method", "route", "status", "seconds", "trace_id", "instance", "actor_id", "degraded", "error_code")


@dataclass(frozen=True)
class Bar:
    """One part of a request: ``depth`` within which others, ``begins`` and ``ends`` as shares of the whole."""

    span: Span
    depth: int
    begins: float
    ends: float


def seconds_of(text: str) -> float | None:
    """A duration as a person types it; 0 for nothing, None for what is none."""
    flat = text.strip().lower()
    if not flat:
        return 0.0
    found = _TOOK.fullmatch(flat)
    if not found:
        return None
    return float(found[1].replace(",", ".")) / (1 if found[2] == "s" else 1000)


def criteria(span: TimeRange, asked: Mapping[str, Any]) -> RequestCriteria:
    """What the filters ask for."""
    only = asked.get("only", ())
    return RequestCriteria(
        span.start,
        span.end,
        str(asked.get("route", "")),
        tuple(asked.get("status", ())),
        True if "degraded" in only else None,
        True if "failed" in only else None,
        str(asked.get("error", "")),
        seconds_of(str(asked.get("took", ""))) or 0.0,
        str(asked.get("actor", "")),
        checked_order(str(asked.get("order", ""))),
    )


def columns(records: Sequence[RequestRecord], watch: Watch) -> dict[str, list[str]]:
    """The grid's columns; a grid shows text as it is, so nothing is escaped here."""
    return {
        watch.name: [_moment(record, watch) for record in records],
        "Status": [status_word(record) for record in records],
        "Route": [f"{record.method} {record.route}" for record in records],
        "Took": [seconds_word(record.seconds) for record in records],
        "Lesser or wrong": [", ".join(part for part in (lesser(record), record.error_code) if part) for record in records],
        "Request": [markup.brief_id(record.id) for record in records],
    }


def _moment(record: RequestRecord, watch: Watch) -> str:
    local = record.at.astimezone(watch.zone)
    day = "" if local.date() == watch.now.astimezone(watch.zone).date() else f"{local.day} {local:%b} "
    return f"{day}{local:%H:%M:%S}.{local.microsecond // 1000:03d}"


def status_word(record: RequestRecord) -> str:
    """A text glyph and the number, as a grid has no drawings."""
    glyph = "▲" if record.status >= 500 else "△" if record.status >= 400 or record.degraded else "●"
    return f"{glyph} {record.status}"


def lesser(record: RequestRecord) -> str:
    """What there is less of, and why: 'place: dependency failed'."""
    return ", ".join(part.replace("=", ": ").replace("_", " ") for part in record.degraded)


def kind_of(record: RequestRecord) -> str:
    return "bad" if record.status >= 500 else "watch" if record.status >= 400 or record.degraded else "ok"


def verdict(record: RequestRecord) -> tuple[str, str]:
    """What became of it: a headline and a sentence."""
    headline = say(
        "requests.answered",
        method=markup.text(record.method),
        route=markup.text(record.route),
        status=record.status,
        took=seconds_word(record.seconds),
    )
    told = [say("requests.said_degraded", what=markup.text(lesser(record)))] if record.degraded else []
    told += [say("requests.said_error", code=markup.code(record.error_code))] if record.error_code else []
    return headline, " ".join(told) or say("requests.said_ok")


def waterfall(record: RequestRecord) -> list[Bar]:
    """Its parts in the order in which they began, those within others after these."""
    whole = max([record.seconds, *(span.begins_seconds + span.seconds for span in record.spans)], default=0.0) or 1.0
    children: dict[int | None, list[int]] = {}
    for place, span in enumerate(record.spans):
        parent = span.parent if span.parent is not None and 0 <= span.parent < place else None
        children.setdefault(parent, []).append(place)

    def walk(parent: int | None, depth: int) -> Iterator[Bar]:
        for place in children.get(parent, ()):
            span = record.spans[place]
            yield Bar(span, depth, span.begins_seconds / whole, (span.begins_seconds + span.seconds) / whole)
            yield from walk(place, depth + 1)

    return list(walk(None, 0))


def outside_seconds(record: RequestRecord) -> float:
    """What of its time lies in none of its outermost parts."""
    spans = sorted((span.begins_seconds, span.begins_seconds + span.seconds) for span in record.spans if span.parent is None)
    covered = end = 0.0
    for begins, ends in spans:
        covered += max(0.0, ends - max(begins, end))
        end = max(end, ends)
    return max(0.0, record.seconds - covered)


def part_name(bar: Bar) -> str:
    """Indented by how deep it lies."""
    return f"{(SPACE * 3) * bar.depth}{markup.text(bar.span.name)}"


def took(span: Span) -> str:
    return seconds_word(span.seconds) if span.seconds >= 0.00005 or not span.seconds else f"under 0.1{SPACE}ms"


def outcome(span: Span) -> tuple[str, str]:
    return ("ok", "ok") if span.outcome == OK else ("watch", markup.text(span.outcome.replace("_", " ")))


def attributes(values: Mapping[str, Any]) -> str:
    return " ".join(f"{markup.text(name)}={markup.code(value)}" for name, value in values.items() if value != "")


def decisions(record: RequestRecord | None, lines: Sequence[LogLine]) -> list[dict[str, str]]:
    """What cache, retries, fallback and breaker did, as the parts and the log lines tell it."""
    rows = []
    for span in record.spans if record else ():
        if _decides(span.name) or any(_decides(name) for name in span.attributes):
            rows.append((span.name, span.outcome, attributes(span.attributes), span.begins_seconds))
    told = [(line.event, line.level, attributes(line.fields), None) for line in lines if _decides(line.event)]
    return [
        {
            "What": markup.text(name.replace("_", " ").replace(".", " ")),
            "Came to": markup.text(came.replace("_", " ")),
            "After": seconds_word(after) if after is not None else markup.soft("log line"),
            "Details": details or ":gray[–]",
        }
        for name, came, details, after in [*rows, *told]
    ]


def _decides(name: str) -> bool:
    return any(word in name.lower() for word in DECIDING)


def technique_of(route: str) -> str | None:
    """Which of the playground's techniques answers on that route; None: none may."""
    if route == NATAL_ROUTE:
        return "natal"
    found = _TECHNIQUE.fullmatch(route)
    return found[1] if found and found[1] not in ("charts", "places", "deploys") else None


def as_csv(records: Sequence[RequestRecord]) -> str:
    """Columns: time (UTC, ISO 8601), id, method, route, status, seconds, trace, process, key, what is lesser, error code."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("at", *_NAMES))
    for one in records:
        values = {name: getattr(one, name) for name in _NAMES} | {"degraded": " ".join(one.degraded)}
        cells = [value if isinstance(value, int | float) else _harmless(value or "") for value in values.values()]
        writer.writerow((one.at.isoformat(), *cells))
    return text.getvalue()


def as_json(records: Sequence[RequestRecord]) -> str:
    """A list of objects with the same names."""
    return json.dumps([{"at": one.at.isoformat(), **{name: getattr(one, name) for name in _NAMES}} for one in records], indent=1)


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins like a formula for one."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
