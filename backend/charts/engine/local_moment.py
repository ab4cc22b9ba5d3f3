"""From the request's wall clock to an instant, in the zone that holds there."""

from __future__ import annotations

from backend.charts.engine.chart import LocalMoment, Location
from backend.charts.engine.civil_time import LOCAL_MEAN_TIME, LocalTimeVerdict, ZoneFolder, civil_day, local_mean_time, verdict
from backend.charts.engine.request import ChartRequest
from backend.errors import InvalidRequest


def local_moment(request: ChartRequest, zone: str, place: Location, zones: ZoneFolder) -> LocalMoment:
    """The moment asked for; noon of the civil day where the time is not known.

    Refused: unknown zones, times that never came, times that came twice without a word on which, days that were left out.
    """
    found = _verdict(request, zone, place, zones)
    if found.kind == "unknown_zone":
        raise InvalidRequest.of("time_zone" if request.time_zone else "place", "unknown_zone", "no such time zone in the IANA database")
    source = "request" if request.time_zone else "place"
    if not request.time_known:
        return _noon(request, found, zone, source, place, zones)
    if found.kind == "nonexistent":
        raise InvalidRequest.of("time", "nonexistent_local_time", found.sentence)
    if found.kind == "ambiguous" and request.fold is None:
        raise InvalidRequest.of("time", "ambiguous_local_time", found.sentence)
    fold = request.fold if found.kind == "ambiguous" else None
    return LocalMoment(zone, source, found.offsets_seconds[fold or 0], found.utc[fold or 0], fold)


def _verdict(request: ChartRequest, zone: str, place: Location, zones: ZoneFolder) -> LocalTimeVerdict:
    if zone == LOCAL_MEAN_TIME:
        return local_mean_time(request.local, place.longitude_degrees, request.calendar)
    return verdict(request.local, zone, zones, request.calendar)


def _noon(request: ChartRequest, found: LocalTimeVerdict, zone: str, source: str, place: Location, zones: ZoneFolder) -> LocalMoment:
    """Clocks have never been changed at noon but by leaving a whole day out."""
    if found.kind == "nonexistent":
        raise InvalidRequest.of("date", "nonexistent_local_time", found.sentence)
    day = civil_day(request.local, zone, zones, request.calendar, place.longitude_degrees)
    return LocalMoment(zone, source, found.offsets_seconds[0], found.utc[0], None, day)
