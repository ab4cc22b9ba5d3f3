"""What a local time means before it is sent: the zone proposed for it, a gap's two neighbours, the two passes of a doubled hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.charts.engine import civil_time
from backend.charts.engine.civil_time import LOCAL_MEAN_TIME, CivilTime, LocalTimeVerdict, ZoneFolder, offset_text
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.vocabulary import Calendar
from backend.errors import InvalidRequest
from backend.integrations.zones import zone_at
from components import markup
from components.wording import say

_LAST_OWN_TIME = 1940  # towns kept their own time for decades beside the first zones


@dataclass(frozen=True)
class Clock:
    """A chart's local time as its zone has it; ``verdict`` is None while request or zone is not known."""

    request: ChartRequest | None = None
    zone: str | None = None
    verdict: LocalTimeVerdict | None = None

    @property
    def needs_fold(self) -> bool:
        return self.verdict is not None and self.verdict.kind == "ambiguous"

    @property
    def may_be_own_time(self) -> bool:
        """Whether the place may have kept the Sun's mean time: then that is a choice beside the zone."""
        return self.request is not None and (self.request.local.year <= _LAST_OWN_TIME or self.zone == LOCAL_MEAN_TIME)


def clock(chart: Mapping[str, Any], place: Mapping[str, Any] | None, zones: ZoneFolder) -> Clock:
    """The clock of a chart's request; ``place`` is what its name was found to mean, if it has one."""
    try:
        request = parse_request(chart)
    except InvalidRequest:
        return Clock()
    zone = request.time_zone or (str(place["time_zone"]) if place else None)
    if zone is None or not request.time_known:
        return Clock(request, zone)
    if zone == LOCAL_MEAN_TIME:
        longitude = request.longitude_degrees if place is None else float(place["longitude"])
        return Clock(request, zone, None if longitude is None else civil_time.local_mean_time(request.local, longitude, request.calendar))
    return Clock(request, zone, civil_time.verdict(request.local, zone, zones, request.calendar))


def words(known: Clock) -> tuple[str, str]:
    """Kind and sentence for the line under the time; the sentence is markdown."""
    if known.request is None:
        return "neutral", say("playground.time_unread")
    if not known.request.time_known:
        return "info", say("playground.time_unknown")
    if known.verdict is None:
        return "neutral", say("playground.no_zone_yet")
    if known.verdict.kind == "ambiguous":
        return "watch", say("playground.twice")
    if known.zone == LOCAL_MEAN_TIME:
        offset = offset_text(known.verdict.offsets_seconds[0])
        return "ok", say("playground.own_time", offset=offset, utc=known.verdict.utc[0].text.replace("T", " "))
    return {"ok": "ok"}.get(known.verdict.kind, "bad"), markup.text(known.verdict.sentence)


def passes(known: Clock) -> dict[int, str]:
    """The two passes of the clock, each with its offset."""
    offsets = known.verdict.offsets_seconds if known.verdict else ()
    names = (say("playground.first"), say("playground.second"))
    return {fold: f"{name} (UTC{offset_text(offset)})" for fold, (name, offset) in enumerate(zip(names, offsets, strict=False))}


def neighbours(known: Clock) -> list[tuple[str, dict[str, str]]]:
    """Both sides of a gap: the words of the offer, and the date and time to take."""
    if known.verdict is None or known.verdict.kind != "nonexistent" or known.request is None:
        return []
    keys = ("playground.before_gap", "playground.after_gap")
    return [
        (say(key, time=time.time_text), _written(time, known.request.calendar))
        for key, time in zip(keys, known.verdict.neighbours, strict=True)
    ]


def _written(time: CivilTime, calendar: Calendar) -> dict[str, str]:
    """Date and time as the request writes them; gaps lie after 1582, so the date is the Gregorian one unless Julian was asked for."""
    if calendar is Calendar.JULIAN:
        return {"time": time.time_text}
    return {"date": time.date_text, "time": time.time_text}


def proposed_zone(latitude: Any, longitude: Any) -> str | None:
    """The zone of a point on the map; None where the numbers are none."""
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in (latitude, longitude)):
        return None
    return zone_at(float(latitude), float(longitude))
