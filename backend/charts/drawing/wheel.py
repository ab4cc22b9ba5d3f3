"""The wheel of one, two or three charts as SVG, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import radians
from typing import Any

from backend.charts.drawing.aspect_lines import BETWEEN, STROKES, between, draw_ends, draw_far_ends, draw_lines, places
from backend.charts.drawing.band import Crowd, Ground, crowd, draw_crowd
from backend.charts.drawing.canvas import circle, line, number, picture, shortened
from backend.charts.drawing.captions import heading, notes, upper_left, upper_right
from backend.charts.drawing.corners import draw_legend, draw_notes, draw_top
from backend.charts.drawing.dial import Dial
from backend.charts.drawing.glyphs import glyph, glyphs
from backend.charts.drawing.houses import draw_cusps, draw_labels, draw_numbers, house_numbers, labels, walls
from backend.charts.drawing.looks import PALETTES, Look, Palette
from backend.charts.drawing.plan import HIGH, MIDDLE, OUTER, WIDE, ZODIAC, Plan, plan_of
from backend.charts.drawing.rings import Aspect, Point, Ring, ring_of
from backend.charts.drawing.words import alternative, told
from backend.charts.vocabulary import SIGNS

__all__ = ["alternative", "draw_wheel"]
LARGEST = 59_000
"""Bytes of a picture but for its frame; hundreds of stars would need more, and then the words in it end early."""
_TICK = 0.8


def draw_wheel(charts: Sequence[Mapping[str, Any]], look: Look) -> str:
    """One to three charts, innermost first, each a document formed like a natal chart's; the same documents give the same bytes.

    The first chart gives houses, angles and what lies at the left: its Ascendant, or 0° Aries without a birth time.
    Lines are the chart's own aspects; with two charts those between them, up to 3° of orb.
    """
    rings, palette = [ring_of(chart) for chart in charts], PALETTES[look]
    plan, dial = plan_of(len(rings), houses=bool(rings[0].cusps)), Dial(*MIDDLE, rings[0].left)
    inner = rings[0]
    grounds = [Ground(band, walls(inner), dial) for band in plan.bands]
    crowds = [crowd(_shown(ring, number), ground) for number, (ring, ground) in enumerate(zip(rings, grounds, strict=True))]
    numbers, font = house_numbers(inner, plan, dial)
    obstacles = [box for each in crowds for box in each.boxes] + [each.box for each in numbers]
    aspects, lines = _lines(rings, plan, dial, palette)
    body = "".join(
        (
            _circles(plan, bool(inner.cusps), palette),
            _scale(dial, palette),
            _signs(dial, palette),
            draw_cusps(inner, plan, dial, obstacles, palette),
            lines,
            draw_ends(inner, plan.aspects, dial, palette),
            draw_numbers(numbers, font, palette),
            *(_moon_day(ring, band.outer - 4.5, dial, palette) for ring, band in zip(rings, plan.bands, strict=True)),
            *(draw_crowd(each, dial, palette) for each in crowds),
            draw_labels(labels(inner, dial), dial, palette),
            _corners(charts, crowds, aspects, palette),
        )
    )
    return picture(WIDE, HIGH, heading(charts), shortened(told(rings), LARGEST - len(body.encode())), palette, body)


def _shown(ring: Ring, number: int) -> tuple[Point, ...]:
    """The points of a ring; an outer chart's Ascendant and Midheaven stand among them, as its axes are not drawn."""
    own = () if number == 0 else tuple(ring.angles[name] for name in ("ascendant", "midheaven") if name in ring.angles)
    return (*ring.points, *own)


def _lines(rings: Sequence[Ring], plan: Plan, dial: Dial, palette: Palette) -> tuple[tuple[Aspect, ...], str]:
    """The aspects that are drawn, and their lines."""
    first = rings[0]
    if len(rings) != 2:
        return first.aspects, draw_lines(first.aspects, places(first), places(first), plan.aspects, dial, palette)
    found, outer = between(first, rings[1]), places(rings[1])
    lines = draw_lines(found, places(first), outer, plan.aspects, dial, palette)
    return found, lines + draw_far_ends({outer[aspect.second] for aspect in found}, plan.aspects, dial, palette)


def _circles(plan: Plan, numbered: bool, palette: Palette) -> str:
    x, y = MIDDLE
    radii = [band.inner for band in plan.bands if numbered or band is not plan.bands[0]]
    inner = "".join(circle(x, y, radius, "none", palette.rule, palette.fine) for radius in (*radii, plan.aspects))
    return circle(x, y, OUTER, palette.panel, palette.soft, 1.2) + circle(x, y, plan.signs, palette.paper, palette.soft, 1.2) + inner


def _scale(dial: Dial, palette: Palette) -> str:
    """Borders of the signs, and a tick for each degree, longer at 5, longest at 10: dashed circles, turned to the chart's left."""
    inner = OUTER - ZODIAC
    ticks = "".join(_ticks(dial, step, inner, length) for step, length in ((1, 3.4), (5, 6.0), (10, 9.0)))
    borders = "".join(_ray(dial, index * 30, OUTER, inner) for index in range(12))
    turned = f"rotate({number(dial.left, 3)} {number(dial.x)} {number(dial.y)})"
    return f'<g transform="{turned}" fill="none" stroke="{palette.soft}">{ticks}</g>' + line(borders, palette.soft, 1.0)


def _ticks(dial: Dial, step: int, outer: float, length: float) -> str:
    """A circle as thick as ticks are long, with one dash at every ``step`` degrees."""
    radius = outer - length / 2
    gap = radians(step) * radius - _TICK
    return (
        f'<circle cx="{number(dial.x)}" cy="{number(dial.y)}" r="{number(radius, 2)}" stroke-width="{number(length)}" '
        f'stroke-dasharray="{_TICK} {number(gap, 5)}" stroke-dashoffset="{_TICK / 2}"/>'
    )


def _signs(dial: Dial, palette: Palette) -> str:
    marks = "".join(glyph(sign, *dial.at(index * 30 + 15, OUTER - ZODIAC / 2), ZODIAC * 0.66) for index, sign in enumerate(SIGNS))
    return glyphs(marks, ZODIAC * 0.66, palette.ink)


def _moon_day(ring: Ring, radius: float, dial: Dial, palette: Palette) -> str:
    """An arc over the degrees that the Moon passes in a day whose hour of birth is not known."""
    if not ring.moon_day:
        return ""
    (x1, y1), (x2, y2) = (dial.at(longitude, radius) for longitude in ring.moon_day)
    return line(f"M{number(x1)} {number(y1)}A{number(radius)} {number(radius)} 0 0 0 {number(x2)} {number(y2)}", palette.joining, 4.0)


def _ray(dial: Dial, longitude: float, outer: float, inner: float) -> str:
    (x1, y1), (x2, y2) = dial.at(longitude, outer), dial.at(longitude, inner)
    return f"M{number(x1)} {number(y1)}L{number(x2)} {number(y2)}"


def _corners(charts: Sequence[Mapping[str, Any]], crowds: Sequence[Crowd], aspects: Sequence[Aspect], palette: Palette) -> str:
    drawn = {aspect.kind for aspect in aspects}
    kinds = [kind for kind in STROKES if kind in drawn]
    said = list(notes(charts))
    if len(charts) > 1:
        said.append(f"Lines: aspects between 1 and 2, up to {BETWEEN:g}° of orb" if len(charts) == 2 else "Lines: aspects within chart 1")
    said += [note for number, each in enumerate(crowds, 1) if (note := _lost(each, number if len(charts) > 1 else 0))]
    return (
        draw_top(upper_left(charts), palette, right=False)
        + draw_top(upper_right(charts), palette, right=True)
        + draw_legend(kinds, palette)
        + draw_notes(said, palette)
    )


def _lost(each: Crowd, number: int) -> str:
    """What a ring had no room for; empty if for nothing."""
    lost = [*(["minutes"] if each.texts < 2 else []), *([f"{each.left_out} lots and stars"] if each.left_out else [])]
    where = f"on ring {number}" if number else "here"
    return f"No room {where} for {' and '.join(lost)}" if lost else ""
