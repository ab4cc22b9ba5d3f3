"""Where a name is: by the geocoder when there is one, else by what it answered before or by the index; a lesser answer says so."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Protocol

from backend.answer import Answer, Degradation
from backend.clock import Clock
from backend.errors import CircuitIsolated, CircuitOpen, InvalidRequest, ServiceError
from backend.integrations.place import Place
from backend.integrations.places import LONGEST_TEXT
from backend.resilience.dependency import Dependency
from backend.resilience.fallback import PRIMARY, Named, Sourced

INDEX = "offline index"
_WHY = {
    "circuit_open": "The geocoder failed too often and is not being called",
    "circuit_isolated": "The geocoder is isolated by an operator",
    "bulkhead_full": "As many calls to the geocoder are under way as it can take",
    "deadline_exceeded": "The geocoder had too little time left to answer",
    "dependency_failed": "The geocoder did not answer well",
}
_INSTEAD = {INDEX: "the place comes from the offline index."}
_KEPT = "the place comes from an earlier answer of it."


class Search(Protocol):
    """Places by text: the index and the geocoder both are one."""

    def search(self, text: str, limit: int) -> list[Place]: ...


class PlaceService:
    """Search and resolve; ``geocoder``, and the dependency it calls through, are None where none is configured."""

    def __init__(self, index: Search, geocoder: Search | None, dependency: Dependency | None, clock: Clock) -> None:
        self._index = index
        self._geocoder = geocoder
        self._dependency = dependency
        self._clock = clock
        self._lock = threading.Lock()
        self._failing_since: datetime | None = None

    def search(self, text: str, limit: int = 8) -> Answer[list[Place]]:
        """Places that ``text`` may mean, the likeliest first; perhaps none."""
        text = _checked(text)
        geocoder, dependency = self._geocoder, self._dependency
        if geocoder is None or dependency is None:
            return Answer(self._index.search(text, limit), INDEX)
        index = Named(INDEX, lambda: self._index.search(text, limit))
        found = dependency.sourced((text.casefold(), limit), lambda: geocoder.search(text, limit), [index])
        since = self._noted(found, dependency)
        source = dependency.name if found.source == PRIMARY else found.source
        degraded = () if found.why is None else (_degradation(found.source, found.why, since),)
        return Answer(found.value, source, found.age_seconds, degraded)

    def resolve(self, text: str) -> Answer[Place]:
        """The likeliest place; InvalidRequest when nothing has that name."""
        found = self.search(text, 1)
        if not found.value:
            raise InvalidRequest.of("place", "unknown_place", "no place of this name is known; give a larger town nearby, or coordinates")
        return Answer(found.value[0], found.source, found.age_seconds, found.degraded)

    def _noted(self, found: Sourced[list[Place]], dependency: Dependency) -> datetime | None:
        """Since when it has been so: the circuit's own instant for a refusal, else the first failure since the last success."""
        with self._lock:
            if found.source == PRIMARY:
                self._failing_since = None
            elif found.degraded and self._failing_since is None:
                self._failing_since = self._clock.now()
            first_failure = self._failing_since
        if isinstance(found.why, (CircuitOpen, CircuitIsolated)):
            return dependency.breaker.view().since or first_failure
        return first_failure


def _checked(text: str) -> str:
    stripped = " ".join(text.split())
    if not stripped:
        raise InvalidRequest.of("place", "missing", "a place needs a name")
    if len(stripped) > LONGEST_TEXT:
        raise InvalidRequest.of("place", "too_long", f"a place's name has at most {LONGEST_TEXT} characters")
    return stripped


def _degradation(source: str, trouble: ServiceError, since: datetime | None) -> Degradation:
    why = trouble.code if trouble.code in _WHY else "dependency_failed"
    return Degradation("place", why, f"{_WHY[why]}; {_INSTEAD.get(source, _KEPT)}", since)
