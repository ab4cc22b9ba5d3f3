"""Where charts are asked for by name: read, found among what was kept, or computed, and written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from backend.actor import Actor, Permission
from backend.answer import Answer
from backend.charts.caching.cache import AnswerCache
from backend.charts.caching.canonical import canonical, names_a_place
from backend.charts.caching.made import Made, Served, etag_of
from backend.charts.document import Document
from backend.charts.technique import Technique, Workbench
from backend.clock import Clock

JSON, SVG = "application/json", "image/svg+xml"


@dataclass(frozen=True, slots=True)
class Resource:
    """One technique in one form."""

    name: str
    technique: Technique[Any, Any]
    media_type: str = JSON
    written: Callable[[Document], bytes] = orjson.dumps


def resources_of(techniques: Mapping[str, Technique[Any, Any]]) -> dict[str, Resource]:
    """Each technique as JSON, by its name; what draws, as its drawing too, by its name with ``.svg``."""
    found = {name: Resource(name, technique) for name, technique in techniques.items()}
    drawn = {name: technique for name, technique in techniques.items() if draws(technique)}
    return found | {f"{name}.svg": Resource(f"{name}.svg", technique, SVG, _drawing) for name, technique in drawn.items()}


def draws(technique: Technique[Any, Any]) -> bool:
    """Whether its document holds a drawing, which can be asked for alone."""
    return "svg" in technique.answer_schema.get("properties", {})


class ChartDesk:
    """``techniques`` by the name under which each is asked for."""

    def __init__(self, techniques: Mapping[str, Technique[Any, Any]], bench: Workbench, cache: AnswerCache, clock: Clock) -> None:
        self.techniques = techniques
        self.resources = resources_of(techniques)
        self._bench = bench
        self._cache = cache
        self._clock = clock

    def recall(self, resource: str, text: bytes) -> Served | None:
        """What was asked in the same words before, if it is at hand: at once, in the loop."""
        return self._cache.recall(resource, text)

    def answer(self, actor: Actor, resource: str, text: bytes, body: Mapping[str, Any]) -> Served:
        """The answer to ``body``, which was written as ``text``; InvalidRequest names each wrong field."""
        actor.require(Permission.COMPUTE_CHARTS)
        asked = self.resources[resource]
        request = asked.technique.parse(body)
        return self._cache.obtain(resource, text, canonical(request), lambda: self._made(asked, request))

    def prepare(self, resource: str, text: bytes) -> None:
        """Have that answer at hand: from what the processes share, or made now, unless that may take long. ServiceError: it cannot be."""
        asked = self.resources.get(resource)
        if asked is None:
            return
        request = asked.technique.parse(orjson.loads(text))
        meaning = canonical(request)
        if asked.technique.searches or names_a_place(request):
            self._cache.fetch(resource, text, meaning)
        else:
            self._cache.obtain(resource, text, meaning, lambda: self._made(asked, request))

    def _made(self, asked: Resource, request: Any) -> Made:
        answer: Answer[Any] = asked.technique.compute(request, self._bench)
        content = asked.written(asked.technique.document(answer))
        now = self._clock.now().timestamp()
        return Made(content, etag_of(content), asked.media_type, answer.source, now, names_a_place(request), answer.degraded)


def _drawing(document: Document) -> bytes:
    svg: str = document["svg"]
    return svg.encode()
