"""A resolver that knows one place."""

from __future__ import annotations

from dataclasses import dataclass

from backend.answer import Answer, Degradation
from backend.errors import InvalidRequest


@dataclass(frozen=True)
class FakePlace:
    name: str
    country: str
    latitude: float
    longitude: float
    zone: str


class FakePlaces:
    """Fulfils ``PlaceResolver``; ``degraded`` is what its answers say."""

    def __init__(self) -> None:
        self.degraded: tuple[Degradation, ...] = ()

    def resolve(self, text: str) -> Answer[FakePlace]:
        if text != "Lisbon":
            raise InvalidRequest.of("place", "unknown_place", "no place of this name")
        return Answer(FakePlace("Lisbon", "PT", 38.7167, -9.1333, "Europe/Lisbon"), "offline index", degraded=self.degraded)
