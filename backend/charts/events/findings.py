"""What a search brings back, and what of it is less than it could be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from backend.answer import Answer, Degradation
from backend.charts.degradations import degradation
from backend.charts.document import Document, degradations, provenance
from backend.charts.engine.chart import Provenance
from backend.charts.engine.chart_settings import SETTINGS_FIELDS
from backend.charts.engine.ephemeris import Mode, Sky, Source, Unavailable
from backend.charts.events.asked import Frame, Period
from backend.charts.events.crossings import Pass
from backend.charts.relations.nested import union
from backend.charts.technique import Workbench
from backend.charts.vocabulary import Body

R = TypeVar("R")
E = TypeVar("E")
_IN_ONE_PART = 400


class Origin(NamedTuple):
    """Where the bodies of a search have their places from: ``lesser`` by the built-in theory, for the reason ``why``."""

    mode: Mode
    available: tuple[Body, ...]
    unavailable: tuple[Unavailable, ...] = ()
    lesser: tuple[Body, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Findings(Generic[E]):
    """What a search found, in the order of time; it may come from another process."""

    events: tuple[E, ...]
    origin: Origin

    def parts(self) -> list[Findings[E]]:
        """So few events each that another process's threads are not kept waiting while one is read."""
        starts = range(0, len(self.events), _IN_ONE_PART) if self.events else (0,)
        return [Findings(self.events[start : start + _IN_ONE_PART], self.origin) for start in starts]

    def joined(self, others: Sequence[Findings[E]]) -> Findings[E]:
        return Findings(tuple(chain(self.events, *(other.events for other in others))), self.origin)


@dataclass(frozen=True, slots=True)
class Search(Generic[R, E]):
    """A search that is done: what was asked and what was found."""

    request: R
    events: tuple[E, ...]
    unavailable: tuple[Unavailable, ...]
    provenance: Provenance


def origin_of(bodies: Sequence[Body], start_tt: float, end_tt: float, sky: Sky) -> Origin:
    """Where the bodies' places come from between two instants. The files cover one stretch of time, so both ends tell."""
    ends = [sky.positions(day, bodies) for day in (start_tt, end_tt)]
    missing = {each.body: each for _, absent in ends for each in absent}
    lesser = {position.body for found, _ in ends for position in found if position.source is Source.MOSHIER}
    available = tuple(body for body in bodies if body not in missing)
    return Origin(sky.mode, available, tuple(missing.values()), tuple(body for body in available if body in lesser), _why(sky))


def _why(sky: Sky) -> str:
    if sky.mode is Mode.MOSHIER:
        return "moshier_requested"
    return sky.planets_problem or "outside_file_range"


def answer(request: R, kind: str, findings: Findings[E], workbench: Workbench, also: Sequence[Degradation] = ()) -> Answer[Search[R, E]]:
    """The search with its provenance; ``also``: what was lesser already about what was searched for."""
    origin = findings.origin
    made_with = workbench.provenance(f"{kind}|{_settings(request)!r}")._replace(mode=origin.mode)
    found = Search(request, findings.events, origin.unavailable, made_with)
    return Answer(found, origin.mode.value, degraded=union(tuple(also), degradations_of(origin)))


def _settings(request: Any) -> dict[str, Any]:
    """Everything that was chosen, without the range, the points and whose chart it is."""
    chosen = {field.name: getattr(request, field.name) for field in fields(request) if field.name not in ("period", "points", "natal")}
    natal = getattr(request, "natal", None)
    return chosen | ({"natal": {name: getattr(natal, name) for name in sorted(SETTINGS_FIELDS)}} if natal else {})


def degradations_of(origin: Origin) -> tuple[Degradation, ...]:
    """One entry per reason for which bodies are Moshier's or missing."""
    by_reason: dict[str, list[str]] = {origin.why: list(origin.lesser)} if origin.lesser else {}
    for missing in origin.unavailable:
        by_reason.setdefault(missing.why, []).append(missing.body)
    return tuple(degradation(why, bodies, None) for why, bodies in by_reason.items())


def document(
    kind: str,
    answer: Answer[Search[R, E]],
    period: Period,
    settings: Document,
    events: Sequence[Document],
    called: str = "events",
    **more: Any,
) -> Document:
    """The document that all searches share; ``more`` stands between settings and events, which may be ``called`` otherwise."""
    found = answer.value
    return {
        "kind": kind,
        "degraded": degradations(answer),
        "range": {"start": f"{period.start.text}Z", "end": f"{period.end.text}Z"},
        "settings": settings,
        **more,
        called: list(events),
        "unavailable": [{"body": missing.body, "why": missing.why} for missing in found.unavailable],
        "provenance": provenance(found.provenance),
    }


def frame_document(frame: Frame) -> Document:
    return {
        "zodiac": frame.zodiac,
        "ayanamsa": frame.ayanamsa,
        "custom_ayanamsa": frame.custom_ayanamsa._asdict() if frame.custom_ayanamsa else None,
        "ephemeris": frame.ephemeris,
    }


def pass_document(passing: Pass | None) -> Document:
    return {"pass": passing.number if passing else None, "passes": passing.of if passing else None}
