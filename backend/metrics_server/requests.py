"""From an HTTP request to a question: the parameters of its address and form, within bounds."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

from backend.clock import Clock
from backend.errors import QueryProblem
from backend.metrics_server import questions
from backend.metrics_server.parameters import EARLIEST, LATEST, Given, invalid
from backend.monitoring.promql.engine import Limits
from backend.monitoring.rules.documents import Wanted

LARGEST_FORM = 1_000_000  # bytes
MOST_FIELDS = 1000


class TooLarge(Exception):
    """The body has more bytes than it may."""


async def body_of(request: Request, largest: int) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest:
            raise TooLarge
    return bytes(body)


async def given(request: Request) -> Given:
    """The form's values come before those of the address."""
    texts = [request.url.query]
    if request.method == "POST":
        texts.insert(0, (await body_of(request, LARGEST_FORM)).decode(errors="replace"))
    values: dict[str, list[str]] = {}
    for text in texts:
        try:
            found = parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError as error:
            raise QueryProblem("bad_data", f"more than {MOST_FIELDS} parameters") from error
        for name, more in found.items():
            values.setdefault(name, []).extend(more)
    return Given(values)


class Reading:
    """Makes questions of parameters."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock

    def instant(self, asked: Given) -> questions.Instant:
        at = asked.time("time", self._now())
        return questions.Instant(asked.needed("query"), at, self._seconds(asked), asked.count("limit"), bool(asked.text("stats")))

    def range(self, asked: Given) -> questions.Range:
        start, end, step = asked.needed_time("start"), asked.needed_time("end"), asked.duration("step")
        if end < start:
            raise invalid("end", "end timestamp must not be before start time")
        if step <= 0:
            raise invalid("step", "zero or negative query resolution step widths are not accepted")
        if (end - start) // step + 1 > self._limits.points:
            raise QueryProblem("bad_data", f"more than {self._limits.points} points per series: ask for a larger step")
        seconds, limit = self._seconds(asked), asked.count("limit")
        return questions.Range(asked.needed("query"), start, end, step, seconds, limit, bool(asked.text("stats")))

    def series(self, asked: Given) -> questions.SeriesList:
        selectors = tuple(asked.every("match[]"))
        if not selectors:
            raise QueryProblem("bad_data", "no match[] parameter provided")
        return questions.SeriesList(selectors, *self._between(asked), asked.count("limit"))

    def label_names(self, asked: Given) -> questions.LabelNames:
        return questions.LabelNames(tuple(asked.every("match[]")), *self._between(asked), asked.count("limit"))

    def label_values(self, asked: Given, label: str) -> questions.LabelValues:
        name = _decoded(label)
        if not name:
            raise QueryProblem("bad_data", "invalid label name")
        return questions.LabelValues(name, tuple(asked.every("match[]")), *self._between(asked), asked.count("limit"))

    def metadata(self, asked: Given) -> questions.MetadataOf:
        return questions.MetadataOf(asked.text("metric"), asked.count("limit"), asked.count("limit_per_metric"))

    def exemplars(self, asked: Given) -> questions.Exemplars:
        start, end = asked.time("start", EARLIEST), asked.time("end", LATEST)
        if end < start:
            raise QueryProblem("bad_data", "end timestamp must not be before start timestamp")
        return questions.Exemplars(asked.needed("query"), start, end)

    def targets(self, asked: Given) -> questions.Targets:
        return questions.Targets(asked.text("state") or "any")

    def rules(self, asked: Given) -> Wanted:
        kind = asked.text("type")
        if kind not in ("", "alert", "record"):
            raise invalid("type", 'it must be "alert" or "record"')
        return Wanted(kind, asked.every("rule_name[]"), asked.every("rule_group[]"), asked.every("file[]"))

    def formatted(self, asked: Given) -> questions.Formatted:
        return questions.Formatted(asked.needed("query"))

    def _between(self, asked: Given) -> tuple[int, int]:
        start, end = asked.time("start", EARLIEST), asked.time("end", LATEST)
        if end < start:
            raise invalid("end", "end timestamp must not be before start time")
        return start, end

    def _seconds(self, asked: Given) -> float:
        """What the asker gives, but no more than the server does."""
        if not asked.text("timeout"):
            return self._limits.seconds
        seconds = asked.duration("timeout") / 1000
        if seconds <= 0:
            raise invalid("timeout", "it must be more than 0")
        return min(seconds, self._limits.seconds)

    def _now(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


def _decoded(label: str) -> str:
    """A label's name in an address: as it is, or with ``U__`` before it and each odd character as ``_hex_``."""
    if not label.startswith("U__"):
        return label
    found, rest = "", label[3:]
    while rest:
        plain, underscore, rest = rest.partition("_")
        found += plain
        if not underscore:
            break
        code, closed, rest = rest.partition("_")
        if not closed:
            return ""
        if code == "":
            found += "_"
        else:
            try:
                found += chr(int(code, 16))
            except (ValueError, OverflowError):
                return ""
    return found
