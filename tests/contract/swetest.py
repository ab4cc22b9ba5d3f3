"""Swiss Ephemeris's own program, asked for what a chart request asks of us; it prints 7 decimals of a degree, 9 of an au."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

from backend.charts.engine.chart import Chart
from backend.charts.engine.files import DATA
from backend.charts.engine.library_numbers import AYANAMSAS, HOUSE_LETTERS
from backend.charts.vocabulary import Body, Center, Mode

LETTERS = {
    **{body: str(number) for number, body in enumerate(tuple(Body)[:10])},
    Body.MEAN_NODE: "m",
    Body.TRUE_NODE: "t",
    Body.MEAN_LILITH: "A",
    Body.OSCULATING_LILITH: "B",
    Body.INTERPOLATED_LILITH: "c",
    Body.INTERPOLATED_PERIGEE: "g",
    Body.EARTH: "C",
    Body.CHIRON: "D",
    Body.PHOLUS: "E",
    Body.CERES: "F",
    Body.PALLAS: "G",
    Body.JUNO: "H",
    Body.VESTA: "I",
}
_ANGLES = {"ascendant": "Ascendant", "midheaven": "MC", "vertex": "Vertex", "equatorial_ascendant": "equat. Asc."}


Rows = dict[str, tuple[str, ...]]


class Printed(NamedTuple):
    """What the program wrote: numbers as text, by the names it gives, bodies first in the order asked for.

    ``tropical``: the same without the zodiac, because in a sidereal one it prints the equator of the mean equinox.
    ``replaced``: it put Porphyry in the place of the house system.
    """

    rows: Rows
    tropical: Rows
    replaced: bool


def ask(chart: Chart) -> Printed:
    """The program's answer for a chart's instant, place and settings."""
    zodiac = tuple(_zodiac(chart))
    words = tuple(_words(chart))
    rows, replaced = _run(*words, *zodiac)
    return Printed(rows, _run(*words)[0] if zodiac else rows, replaced)


def _run(*words: str) -> tuple[Rows, bool]:
    program = shutil.which("swetest")
    assert program, "these tests compare with Swiss Ephemeris's own program: apt-get install swetest"
    folder = {"SE_EPHE_PATH": str(DATA / "ephemeris")}
    done = subprocess.run([program, *words], env=folder, capture_output=True, text=True, check=True, timeout=20)
    lines = [line for line in done.stdout.splitlines() if "," in line and "error" not in line]
    rows = [tuple(cell.strip() for cell in line.split(",")) for line in lines]
    return {row[0]: row[1:] for row in rows}, "Porphyry calculated instead" in done.stdout


def _words(chart: Chart) -> Iterator[str]:
    utc, request = chart.local.utc, chart.request
    yield f"-b{utc.day}.{utc.month}.{utc.year}"
    yield f"-{'utc' if chart.moment.scale == 'utc' else 'ut'}{utc.time_text}"
    yield f"-p{''.join(LETTERS[body] for body in request.bodies)}"
    yield from ("-fPlbRsad", "-g,", "-head")
    if request.ephemeris is Mode.MOSHIER:
        yield "-emos"
    yield from _where(chart)


def _zodiac(chart: Chart) -> Iterator[str]:
    request = chart.request
    if request.ayanamsa:
        yield f"-sid{AYANAMSAS[request.ayanamsa]}"
    if request.custom_ayanamsa:
        yield f"-sidudef{request.custom_ayanamsa.julian_day_tt!r},{request.custom_ayanamsa.degrees!r}"


def _where(chart: Chart) -> Iterator[str]:
    place, request = chart.place, chart.request
    if request.center is Center.HELIOCENTRIC:
        yield "-hel"
        return
    yield f"-house{place.longitude_degrees!r},{place.latitude_degrees!r},{HOUSE_LETTERS[request.house_system].decode()}"
    if request.center is Center.TOPOCENTRIC:
        yield f"-topo{place.longitude_degrees!r},{place.latitude_degrees!r},{request.altitude_metres!r}"


def differences(chart: Chart, printed: Printed) -> list[str]:
    """Every number of ours that does not read as the program's; empty if all do."""
    pairs = [*_bodies(chart, printed), *_houses(chart, printed)]
    return [f"{name}: ours {ours}, swetest {theirs}" for name, ours, theirs in pairs if ours != theirs]


def _bodies(chart: Chart, printed: Printed) -> Iterator[tuple[str, str, str]]:
    for body, name in zip(chart.bodies, printed.rows, strict=False):
        theirs = (*printed.rows[name][:4], *printed.tropical[name][4:])
        numbers = (
            f"{body.longitude_degrees:.7f}",
            f"{body.latitude_degrees:.7f}",
            f"{body.distance_au:.9f}",
            f"{body.speed_degrees_per_day:.7f}",
            f"{body.right_ascension_degrees:.7f}",
            f"{body.declination_degrees:.7f}",
        )
        columns = ("longitude", "latitude", "distance", "speed", "ascension", "declination")
        yield from ((f"{body.body} {column}", *pair) for column, *pair in zip(columns, numbers, theirs, strict=True))


def _houses(chart: Chart, printed: Printed) -> Iterator[tuple[str, str, str]]:
    for number, cusp in enumerate(chart.cusps, 1):
        yield f"cusp {number}", f"{cusp.longitude_degrees:.7f}", printed.rows[f"house {number:2}"][0]
    if chart.cusps:
        yield "armc", f"{chart.armc_degrees:.7f}", printed.rows["ARMC"][0]
        yield "replaced", str(chart.house_reason is not None), str(printed.replaced)
    for ours, theirs in _ANGLES.items():
        if ours in chart.angles:
            yield ours, f"{chart.angles[ours].longitude_degrees:.7f}", printed.rows[theirs][0]
