"""The charts service: who asks, where, when, then the calculation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from backend.actor import Actor, Permission
from backend.answer import Answer, Degradation
from backend.charts.budget import Budget
from backend.charts.engine.chart import Chart, DataInUse, LocalMoment, Location, Provenance, compute_chart
from backend.charts.engine.civil_time import LOCAL_MEAN_TIME, ZoneFolder, local_mean_time, verdict
from backend.charts.engine.ephemeris import BINDING, LIBRARY, Ephemeris, Mode, Sky, Source
from backend.charts.engine.request import ChartRequest
from backend.clock import Clock
from backend.errors import FieldProblem, InvalidRequest

P = ParamSpec("P")
T = TypeVar("T")
SEARCH_SECONDS = 8.0
_WORDS = {
    "moshier_requested": "were computed with the built-in Moshier theory, as this process was asked to",
    "files_missing": "were not computed from the ephemeris files, because a file is missing",
    "files_damaged": "were not computed from the ephemeris files, because a file is damaged or another version",
    "outside_file_range": "were not computed from the ephemeris files, because the date is outside 1800 to 2399",
}


class Place(Protocol):
    """What the service needs to know of a place."""

    @property
    def name(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...
    @property
    def zone(self) -> str: ...


class PlaceResolver(Protocol):
    """Finds the place that a text means, or raises InvalidRequest for the field 'place'."""

    def resolve(self, text: str) -> Answer[Place]: ...


class ChartService:
    """Computes charts; holds no state of a request."""

    def __init__(self, ephemeris: Ephemeris, zones: ZoneFolder, places: PlaceResolver, clock: Clock) -> None:
        self._ephemeris = ephemeris
        self._zones = zones
        self._places = places
        self._started_at = clock.now()
        self._data = DataInUse(ephemeris.digest, zones.database, zones.version, zones.digest)

    def compute(self, actor: Actor, request: ChartRequest) -> Answer[Chart]:
        """The natal chart for the request; says what of it is less than it could be."""
        actor.require(Permission.COMPUTE_CHARTS)
        return self.natal(request)

    def natal(self, request: ChartRequest) -> Answer[Chart]:
        """The chart of a moment and place, for a technique that somebody permitted asked for."""
        place, zone, degraded = self._where(request)
        local = self._when(request, zone, place)
        chart = self.run(lambda sky: compute_chart(request, local, place, self._data, sky))
        return Answer(chart, self._ephemeris.mode.value, degraded=degraded + self._ephemeris_degradations(chart))

    def run(self, job: Callable[[Sky], T]) -> T:
        """A short calculation on the thread that owns the ephemeris."""
        return self._ephemeris.run(job)

    def search(self, job: Callable[Concatenate[Sky, Budget, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A long calculation, in this process."""
        return self.run(lambda sky: job(sky, Budget(SEARCH_SECONDS, time.monotonic), *args, **kwargs))

    def provenance(self, settings: str) -> Provenance:
        """What this process computes with; ``settings`` is kept as a digest."""
        return Provenance(LIBRARY, BINDING, self._ephemeris.mode, *self._data, hashlib.sha256(settings.encode()).hexdigest())

    def _where(self, request: ChartRequest) -> tuple[Location, str, tuple[Degradation, ...]]:
        if request.place is None:
            assert request.latitude_degrees is not None and request.longitude_degrees is not None
            return Location(request.latitude_degrees, request.longitude_degrees), request.time_zone or "", ()
        answer = self._places.resolve(request.place)
        found = answer.value
        location = Location(found.latitude, found.longitude, found.name, found.country, answer.source)
        return location, request.time_zone or found.zone, answer.degraded

    def _when(self, request: ChartRequest, zone: str, place: Location) -> LocalMoment:
        if zone == LOCAL_MEAN_TIME:
            result = local_mean_time(request.local, place.longitude_degrees, request.calendar)
        else:
            result = verdict(request.local, zone, self._zones, request.calendar)
        if result.kind == "unknown_zone":
            raise InvalidRequest.of("time_zone" if request.time_zone else "place", "unknown_zone", "no such time zone in the IANA database")
        if result.kind == "nonexistent":
            raise InvalidRequest.of("time", "nonexistent_local_time", result.sentence)
        if result.kind == "ambiguous" and request.fold is None:
            raise InvalidRequest(FieldProblem("time", "ambiguous_local_time", result.sentence))
        fold = request.fold if result.kind == "ambiguous" else None
        source = "request" if request.time_zone else "place"
        return LocalMoment(zone, source, result.offsets_seconds[fold or 0], result.utc[fold or 0], fold)

    def _ephemeris_degradations(self, chart: Chart) -> tuple[Degradation, ...]:
        """One entry per reason for which bodies are Moshier's or missing."""
        by_reason: dict[str, list[str]] = {}
        for body in chart.bodies:
            if body.source is Source.MOSHIER:
                by_reason.setdefault(self._moshier_reason(), []).append(body.body)
        for missing in chart.unavailable:
            by_reason.setdefault(missing.why, []).append(missing.body)
        return tuple(self._degradation(why, bodies) for why, bodies in by_reason.items())

    def _moshier_reason(self) -> str:
        if self._ephemeris.mode is Mode.MOSHIER:
            return "moshier_requested"
        return self._ephemeris.planets_problem or "outside_file_range"

    def _degradation(self, why: str, bodies: list[str]) -> Degradation:
        since = None if why == "outside_file_range" else self._started_at
        return Degradation("ephemeris", why, f"{', '.join(bodies)} {_WORDS[why]}", since)
