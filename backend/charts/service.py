"""The charts service: who asks, where, when, then the calculation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from backend.actor import Actor, Permission
from backend.answer import Answer, Degradation
from backend.charts.budget import Budget
from backend.charts.degradations import Origin, ephemeris_degradations
from backend.charts.engine.casting import compute_chart
from backend.charts.engine.chart import Chart, DataInUse, Location, Provenance
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.computing_thread import ThreadUsage
from backend.charts.engine.ephemeris import BINDING, LIBRARY, Ephemeris, Mode, Sky
from backend.charts.engine.local_moment import local_moment
from backend.charts.engine.request import ChartRequest
from backend.charts.patience import caller_gone
from backend.charts.search_process import Searching
from backend.clock import Clock
from backend.resilience import deadline
from backend.telemetry.profiling import watched
from backend.telemetry.spans import note, span

P = ParamSpec("P")
T = TypeVar("T")
SEARCH_SECONDS = 8.0


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

    def __init__(
        self, ephemeris: Ephemeris, zones: ZoneFolder, places: PlaceResolver, clock: Clock, searching: Searching | None = None
    ) -> None:
        self._ephemeris = ephemeris
        self._clock = clock
        self._searching = searching
        self._zones = zones
        self._places = places
        self._started_at = clock.now()
        self._data = DataInUse(ephemeris.digest, zones.database, zones.version, zones.digest)

    def compute(self, actor: Actor, request: ChartRequest) -> Answer[Chart]:
        """The natal chart for the request; says what of it is less than it could be."""
        actor.require(Permission.COMPUTE_CHARTS)
        return self.natal(request)

    def natal(self, request: ChartRequest, at_julian_day_tt: float | None = None) -> Answer[Chart]:
        """The chart of a moment and place, for a technique that somebody permitted asked for.

        ``at_julian_day_tt``: the exact instant, where the request's whole second is too coarse.
        """
        place, zone, degraded = self._where(request)
        local = local_moment(request, zone, place, self._zones)
        chart = self.run(lambda sky: compute_chart(request, local, place, self._data, sky, at_julian_day_tt))
        lesser = ephemeris_degradations(chart, self._origin(request))
        return Answer(chart, chart.provenance.mode.value, degraded=degraded + lesser)

    def run(self, job: Callable[[Sky], T]) -> T:
        """A short calculation on the thread that owns the ephemeris."""
        with span("chart.compute"):
            return self._ephemeris.run(watched(job))

    def usage(self) -> ThreadUsage:
        """How much the computing thread works."""
        return self._ephemeris.usage()

    def search(self, job: Callable[Concatenate[Sky, Budget, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A long calculation: in the process for searches where there is one, else in this; it ends when nobody waits any more."""
        seconds, gone = deadline.attempt_seconds(SEARCH_SECONDS, self._clock), caller_gone()
        if self._searching:
            with span("chart.search"):
                return self._searching.run(job, args, kwargs, seconds, gone)
        return self.run(lambda sky: job(sky, Budget(seconds, self._clock.monotonic, gone), *args, **kwargs))

    def close(self) -> None:
        """End the process for searches."""
        if self._searching:
            self._searching.close()

    def provenance(self, settings: str) -> Provenance:
        """What this process computes with; ``settings`` is kept as a digest."""
        return Provenance(LIBRARY, BINDING, self._ephemeris.mode, *self._data, hashlib.sha256(settings.encode()).hexdigest())

    def _where(self, request: ChartRequest) -> tuple[Location, str, tuple[Degradation, ...]]:
        if request.place is None:
            assert request.latitude_degrees is not None and request.longitude_degrees is not None
            return Location(request.latitude_degrees, request.longitude_degrees), request.time_zone or "", ()
        with span("place.resolve"):
            answer = self._places.resolve(request.place)
            note(source=answer.source)
        found = answer.value
        location = Location(found.latitude, found.longitude, found.name, found.country, answer.source)
        return location, request.time_zone or found.zone, answer.degraded

    def _origin(self, request: ChartRequest) -> Origin:
        """Why positions may come from the built-in theory."""
        if self._ephemeris.mode is Mode.MOSHIER:
            return Origin("moshier_requested", self._started_at)
        if request.ephemeris is Mode.MOSHIER:
            return Origin("moshier_requested", None)
        return Origin(self._ephemeris.planets_problem, self._started_at)
