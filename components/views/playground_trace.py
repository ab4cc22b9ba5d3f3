"""How one request went: its id and trace, where the time was spent, whether the answer was kept, and what the second opinion says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from backend.charts.second_opinion import Difference, Opinion
from components import markup
from components.state import glyph, state
from components.times import seconds_word
from components.views import playground
from components.wording import say

_METRIC = re.compile(r"([A-Za-z0-9_-]+)[^,]*?;\s*dur=([0-9.]+)")


def told(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """What the answer's headers say of the request, as labels and markdown."""
    lines = [("Trace", markup.code(headers.get("traceparent", "")))]
    cache = headers.get("astrolabe-cache")
    if cache:
        age = headers.get("age", "0")
        lines.append(("Cache", markup.text(cache) + (f", {markup.text(age)} s old" if age != "0" else "")))
    if headers.get("etag"):
        lines.append(("Tag", markup.code(headers["etag"].strip('W/"')[:16])))
    lines += [(f"Server: {name}", f"{float(milliseconds):.1f} ms") for name, milliseconds in timing(headers.get("server-timing", ""))]
    return lines


def timing(header: str) -> list[tuple[str, str]]:
    """Names and milliseconds of a Server-Timing header."""
    return [(name, value) for name, value in _METRIC.findall(header) if value.count(".") <= 1 and value != "."]


def record_lines(record: Any) -> list[tuple[str, str]]:
    """What was kept of the request under its id."""
    return [
        ("Route", markup.code(f"{record.method} {record.route}")),
        ("Status", str(record.status)),
        ("Took in the API", seconds_word(record.seconds)),
        ("Degraded", markup.text(", ".join(record.degraded)) or "no"),
        ("Process", markup.text(record.instance)),
        ("Trace", markup.code(record.trace_id)),
    ]


def opinion_verdict(opinion: Opinion) -> str:
    """The second opinion in a sentence."""
    if not opinion.differences:
        return f"{state('neutral', say('playground.no_opinion'))} {markup.text(opinion.refusal)}"
    beyond = [one for one in opinion.differences if not one.agrees]
    largest = opinion.differences[0]
    if not beyond:
        words = say("playground.agrees", count=len(opinion.differences), body=_body(largest), size=f"{abs(largest.arcseconds):.3f}")
        return f"{state('ok', say('playground.agrees_word'))} {words}"
    return f"{state('bad', say('playground.differs_word'))} {say('playground.differs', count=len(beyond), of=len(opinion.differences))}"


def opinion_rows(opinion: Opinion) -> list[dict[str, str]]:
    """Every body on both sides, the largest difference first."""
    return [
        {
            "Body": _judged(one),
            "Ours": f"{one.ours_degrees:.6f}°",
            "DE440": f"{one.theirs_degrees:.6f}°",
            "Longitude ″": _signed(one.arcseconds),
            "Latitude ″": _signed(one.latitude_arcseconds),
            "May be ″": f"{one.tolerance_arcseconds:g}",
        }
        for one in opinion.differences
    ]


def _judged(one: Difference) -> str:
    """The body with its verdict as shape and word."""
    kind, word = ("ok", "within") if one.agrees else ("bad", "beyond")
    return f"{glyph(kind, 11)} {_body(one)} {say(f'playground.{word}')}"


def _body(one: Difference) -> str:
    return markup.text(playground.body_title(one.body))


def _signed(value: float) -> str:
    return f"{round(value, 3) + 0.0:+.3f}".replace("-", "−")
