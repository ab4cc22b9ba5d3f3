"""Aspects as lines across the middle of a wheel: the kind by dash and colour, the tight ones thicker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from backend.charts.drawing.canvas import circle, line, number
from backend.charts.drawing.dial import Dial, turn
from backend.charts.drawing.looks import Palette
from backend.charts.drawing.rings import Aspect, Ring
from backend.charts.vocabulary import ASPECT_ANGLES, PTOLEMAIC_ASPECTS

TIGHT = 1.0
"""Degrees of orb up to which an aspect's line is thick."""
BETWEEN = 3.0
"""Degrees of orb up to which lines are drawn between two charts: with wider ones nobody could follow any."""


class Stroke(NamedTuple):
    """How an aspect's line looks: no two kinds share their dash, so that they differ on a copy without colour."""

    colour: str
    dash: str


STROKES: dict[str, Stroke] = {
    "conjunction": Stroke("joining", "1.5 1.5"),
    "opposition": Stroke("hard", "14 4"),
    "square": Stroke("hard", ""),
    "trine": Stroke("flowing", "7 3"),
    "sextile": Stroke("flowing", "2.5 3"),
    "quincunx": Stroke("minor", "7 3 1.5 3"),
    "semisextile": Stroke("minor", "1.5 5"),
    "semisquare": Stroke("minor", "4 3 1.5 3 1.5 3"),
    "sesquisquare": Stroke("minor", "1.5 3"),
}


def between(first: Ring, second: Ring) -> tuple[Aspect, ...]:
    """The five aspects of Ptolemy between the bodies of two charts, within BETWEEN degrees."""
    angles = [(kind, ASPECT_ANGLES[kind]) for kind in PTOLEMAIC_ASPECTS]
    return tuple(
        Aspect(one.name, other.name, str(kind), orb, "")
        for one in first.points
        if one.kind == "body"
        for other in second.points
        if other.kind == "body"
        for kind, angle in sorted(angles)
        if abs(orb := abs(turn(one.longitude, other.longitude)) - angle) <= BETWEEN
    )


def places(ring: Ring) -> dict[str, float]:
    """The longitudes that an aspect's ends may name."""
    return {name: point.longitude for name, point in ring.angles.items()} | {point.name: point.longitude for point in ring.points}


def draw_lines(
    aspects: Iterable[Aspect], first: Mapping[str, float], second: Mapping[str, float], radius: float, dial: Dial, palette: Palette
) -> str:
    """One path per kind and strength; ends that are not on the wheel are left out."""
    paths: dict[tuple[str, bool], list[str]] = {}
    for aspect in aspects:
        if aspect.kind in STROKES and aspect.first in first and aspect.second in second:
            (x1, y1), (x2, y2) = dial.at(first[aspect.first], radius), dial.at(second[aspect.second], radius)
            piece = f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"
            paths.setdefault((aspect.kind, abs(aspect.orb) <= TIGHT), []).append(piece)
    return "".join(
        line("".join(paths[kind, tight]), getattr(palette, stroke.colour), 1.7 if tight else 0.9, stroke.dash)
        for kind, stroke in STROKES.items()
        for tight in (False, True)
        if (kind, tight) in paths
    )


def draw_ends(ring: Ring, radius: float, dial: Dial, palette: Palette) -> str:
    """A dot at each point's true degree on the aspect circle: lines without length, with round ends."""
    spots = (dial.at(point.longitude, radius) for point in ring.points)
    dots = "".join(f"M{number(x)} {number(y)}h0" for x, y in spots)
    return f'<path d="{dots}" stroke="{palette.ink}" stroke-width="3.4" stroke-linecap="round"/>' if dots else ""


def draw_far_ends(longitudes: Iterable[float], radius: float, dial: Dial, palette: Palette) -> str:
    """A ring at each degree of an outer chart at which a line ends."""
    return "".join(circle(*dial.at(longitude, radius), 1.8, palette.paper, palette.ink, 0.8) for longitude in sorted(longitudes))
