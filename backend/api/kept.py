"""An answer about charts as HTTP: entity tag, age, where it was kept, and the short form for who has it already."""

from __future__ import annotations

from backend.answer import Degradation
from backend.api.context import Notes
from backend.charts.caching.made import Made, Served
from backend.charts.desk import SVG
from backend.telemetry.series import Series

DEGRADED_HEADER = "Astrolabe-Degraded"
KEEP = b"private, no-cache"
"""Birth data: the caller alone may keep the answer, and asks with its tag before using it again."""
SVG_POLICY = b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox"
Headers = list[tuple[bytes, bytes]]


def told(served: Served, kind: str, notes: Notes, series: Series) -> tuple[int, Headers, bytes]:
    """Status, headers and content; metric, log and record learn of it. What the caller has already is 304, though this is a POST."""
    made = served.made
    notes.cache = served.outcome.value
    series.chart_answered(kind, made.source, bool(made.degraded), served.outcome.value)
    headers = [(b"astrolabe-cache", served.outcome.encode()), (b"age", b"%d" % served.age_seconds), (b"vary", b"Accept")]
    if made.degraded:
        headers.append((DEGRADED_HEADER.lower().encode(), noted(notes, made.degraded).encode()))
        return 200, headers + _content_headers(made), made.content
    headers += [(b"etag", made.etag.encode()), (b"cache-control", KEEP)]
    if has_it(notes.headers.get(b"if-none-match"), made.etag):
        return 304, headers, b""
    return 200, headers + _content_headers(made), made.content


def noted(notes: Notes, degraded: tuple[Degradation, ...]) -> str:
    """What is lesser as the header says it (what=why, a list), for log and record too."""
    notes.degraded = tuple(f"{one.what}={one.why}" for one in degraded)
    return ", ".join(notes.degraded)


def has_it(if_none_match: str | None, etag: str) -> bool:
    """Whether the tag is among those that the caller has (RFC 9110, 13.1.2: compared weakly)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))


def _content_headers(made: Made) -> Headers:
    length = (b"content-length", b"%d" % len(made.content))
    if made.media_type == SVG:
        return [(b"content-type", b"image/svg+xml; charset=utf-8"), (b"content-security-policy", SVG_POLICY), length]
    return [(b"content-type", made.media_type.encode()), length]
