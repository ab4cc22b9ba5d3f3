"""What is lesser about positions: computed by the coarser theory, or not at all; one entry per reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from backend.answer import Degradation
from backend.charts.engine.chart import Chart
from backend.charts.engine.positions import Source

_WORDS = {
    "moshier_requested": "were computed with the built-in Moshier theory, as was asked for",
    "files_missing": "were not computed from the ephemeris files, because a file is missing",
    "files_damaged": "were not computed from the ephemeris files, because a file is damaged or another version",
    "outside_file_range": "were not computed from the ephemeris files, because the date is outside 1800 to 2399",
    "not_in_this_sky": "have no place in the sky of this centre",
}
_OF_THE_REQUEST = frozenset({"outside_file_range", "not_in_this_sky"})


class Origin(NamedTuple):
    """Why this process, or this request, would not use the files, if so; and since when the process has been as it is."""

    reason: str | None
    since: datetime | None


def ephemeris_degradations(chart: Chart, origin: Origin) -> tuple[Degradation, ...]:
    """One entry per reason for which bodies of the chart are Moshier's or missing."""
    by_reason: dict[str, dict[str, None]] = {}
    sources = [(each.body, each.source) for each in chart.bodies] + [(each.body, each.source) for each in chart.supporting]
    for body, source in sources:
        if source is Source.MOSHIER:
            by_reason.setdefault(origin.reason or "outside_file_range", {})[body] = None
    for missing in chart.unavailable:
        by_reason.setdefault(missing.why, {})[missing.body] = None
    return tuple(degradation(why, bodies, origin.since) for why, bodies in by_reason.items())


def degradation(why: str, names: Iterable[str], since: datetime | None) -> Degradation:
    """The entry for some bodies and one reason."""
    return Degradation("ephemeris", why, f"{', '.join(names)} {_WORDS[why]}", None if why in _OF_THE_REQUEST else since)
