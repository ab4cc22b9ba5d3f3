"""Where a name is: by the geocoder when there is one, else by the index; a lesser answer says so."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Protocol

from backend.answer import Answer, Degradation
from backend.clock import Clock
from backend.errors import CallRefused, InvalidRequest, ServiceError
from backend.integrations.place import Place
from backend.integrations.places import LONGEST_TEXT
from backend.resilience.fallback import with_fallback
from backend.resilience.fleet_view import BreakerView

_SENTENCES = {
    "circuit_open": "The geocoder failed too often and is not being called; the place comes from the offline index.",
    "circuit_isolated": "The geocoder is isolated by an operator; the place comes from the offline index.",
    "deadline_exceeded": "The geocoder had too little time left to answer; the place comes from the offline index.",
    "dependency_failed": "The geocoder did not answer well; the place comes from the offline index.",
}


class Search(Protocol):
    """Places by text: the index and the geocoder both are one."""

    def search(self, text: str, limit: int) -> list[Place]: ...


class Viewed(Protocol):
    """A breaker, as far as one may ask since when it refuses."""

    def view(self) -> BreakerView: ...


class PlaceService:
    """Search and resolve; ``geocoder`` and ``breaker`` are None where none is configured."""

    def __init__(self, index: Search, geocoder: Search | None, breaker: Viewed | None, clock: Clock) -> None:
        self._index = index
        self._geocoder = geocoder
        self._breaker = breaker
        self._clock = clock
        self._lock = threading.Lock()
        self._failing_since: datetime | None = None

    def search(self, text: str, limit: int = 8) -> Answer[list[Place]]:
        """Places that ``text`` may mean, the likeliest first; perhaps none."""
        text = _checked(text)
        geocoder = self._geocoder
        if geocoder is None:
            return Answer(self._index.search(text, limit), "offline index")
        places, trouble = with_fallback(lambda: geocoder.search(text, limit), lambda: self._index.search(text, limit))
        since = self._noted(trouble)
        if trouble is None:
            return Answer(places, "geocoder")
        return Answer(places, "offline index", degraded=(_degradation(trouble, since),))

    def resolve(self, text: str) -> Answer[Place]:
        """The likeliest place; InvalidRequest when nothing has that name."""
        found = self.search(text, 1)
        if not found.value:
            raise InvalidRequest.of("place", "unknown_place", "no place of this name is known; give a larger town nearby, or coordinates")
        return Answer(found.value[0], found.source, found.age_seconds, found.degraded)

    def _noted(self, trouble: ServiceError | None) -> datetime | None:
        """Since when it has been so: the circuit's own instant for a refusal, else the first failure since the last success."""
        with self._lock:
            if trouble is None:
                self._failing_since = None
            elif self._failing_since is None:
                self._failing_since = self._clock.now()
            first_failure = self._failing_since
        if isinstance(trouble, CallRefused) and self._breaker is not None:
            return self._breaker.view().since or first_failure
        return first_failure


def _checked(text: str) -> str:
    stripped = " ".join(text.split())
    if not stripped:
        raise InvalidRequest.of("place", "missing", "a place needs a name")
    if len(stripped) > LONGEST_TEXT:
        raise InvalidRequest.of("place", "too_long", f"a place's name has at most {LONGEST_TEXT} characters")
    return stripped


def _degradation(trouble: ServiceError, since: datetime | None) -> Degradation:
    why = trouble.code if trouble.code in _SENTENCES else "dependency_failed"
    return Degradation("place", why, _SENTENCES[why], since)
