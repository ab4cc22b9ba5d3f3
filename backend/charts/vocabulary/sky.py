"""Bodies, and from where they are seen."""

from __future__ import annotations

from enum import StrEnum


class Body(StrEnum):
    SUN = "sun"
    MOON = "moon"
    MERCURY = "mercury"
    VENUS = "venus"
    MARS = "mars"
    JUPITER = "jupiter"
    SATURN = "saturn"
    URANUS = "uranus"
    NEPTUNE = "neptune"
    PLUTO = "pluto"
    MEAN_NODE = "mean_node"
    TRUE_NODE = "true_node"
    CHIRON = "chiron"
    MEAN_LILITH = "mean_lilith"
    OSCULATING_LILITH = "osculating_lilith"
    CERES = "ceres"
    PALLAS = "pallas"
    JUNO = "juno"
    VESTA = "vesta"
    PHOLUS = "pholus"
    INTERPOLATED_LILITH = "interpolated_lilith"
    INTERPOLATED_PERIGEE = "interpolated_perigee"
    EARTH = "earth"


DEFAULT_BODIES: tuple[Body, ...] = tuple(Body)[:13]


CLASSICAL_PLANETS: tuple[Body, ...] = tuple(Body)[:7]


BODY_TITLES: dict[Body, str] = {body: body.value.replace("_", " ").capitalize() for body in Body} | {
    Body.MEAN_LILITH: "Lilith (mean apogee)",
    Body.OSCULATING_LILITH: "Lilith (osculating apogee)",
    Body.INTERPOLATED_LILITH: "Lilith (interpolated apogee)",
    Body.INTERPOLATED_PERIGEE: "Perigee (interpolated)",
}


class Center(StrEnum):
    """From where the bodies are seen."""

    GEOCENTRIC = "geocentric"
    HELIOCENTRIC = "heliocentric"
    TOPOCENTRIC = "topocentric"


CENTER_TITLES: dict[Center, str] = {center: center.value.capitalize() for center in Center}


_OF_THE_MOONS_ORBIT = frozenset(
    {
        Body.MEAN_NODE,
        Body.TRUE_NODE,
        Body.MEAN_LILITH,
        Body.OSCULATING_LILITH,
        Body.INTERPOLATED_LILITH,
        Body.INTERPOLATED_PERIGEE,
    }
)


NOT_SEEN_FROM: dict[Center, frozenset[Body]] = {
    Center.GEOCENTRIC: frozenset({Body.EARTH}),
    Center.TOPOCENTRIC: frozenset({Body.EARTH}),
    Center.HELIOCENTRIC: _OF_THE_MOONS_ORBIT | {Body.SUN},
}
"""Bodies without a place in the sky of a centre: the centre itself, and the points of the Moon's orbit seen from the Sun."""


def bodies_seen_from(center: Center) -> tuple[Body, ...]:
    """What a chart shows where no bodies are asked for; seen from the Sun the Earth takes its place."""
    if center is not Center.HELIOCENTRIC:
        return DEFAULT_BODIES
    seen = (body for body in DEFAULT_BODIES if body not in NOT_SEEN_FROM[center] and body is not Body.MOON)
    return (*seen, Body.EARTH)


class Mode(StrEnum):
    """Which theory is asked for: the data files, or the library's built-in Moshier theory."""

    FILES = "files"
    MOSHIER = "moshier"


MODE_TITLES: dict[Mode, str] = {Mode.FILES: "Swiss Ephemeris files", Mode.MOSHIER: "Moshier (built in, coarser)"}
