"""Everything that a wheel shows, in reading order, for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from backend.charts.drawing.captions import KINDS, house_system, name, notes, when, where, zodiac
from backend.charts.drawing.rings import Aspect, Ring, ring_of, title
from backend.charts.vocabulary import SIGNS

CLOSE = 2.0
"""Degrees of orb up to which an aspect is told in words."""


def alternative(charts: Sequence[Mapping[str, Any]]) -> str:
    """One text: per chart, innermost first, its points with house and motion, angles, cusps, close aspects, and what is lesser about it."""
    return told([ring_of(chart) for chart in charts])


def told(rings: Sequence[Ring]) -> str:
    """The same of charts that were read already."""
    several = len(rings) > 1
    said = (sentence for number, ring in enumerate(rings, 1) for sentence in _chart(ring, f"Chart {number}: " if several else ""))
    return f"{KINDS[len(rings)]}. {f'{len(rings)} charts, innermost first. ' if several else ''}{' '.join(said)}"


def _chart(ring: Ring, whose: str) -> Iterator[str]:
    chart = ring.document
    yield f"{whose}{name(chart)}."
    yield from (f"{words}." for words in (when(chart), where(chart), zodiac(chart)) if words)
    yield from (f"{note}." for note in notes([chart]))
    yield f"Points: {'; '.join(_points(ring)) or 'none'}."
    if ring.moon_day:
        yield f"Moon from {_place(ring.moon_day[0])} to {_place(ring.moon_day[1])} over the day."
    if ring.angles:
        yield f"Angles: {'; '.join(f'{title(each)} {_place(at.longitude)}' for each, at in ring.angles.items())}."
    if ring.cusps:
        yield f"Cusps, {house_system(chart)}: {'; '.join(f'{house} {_place(cusp)}' for house, cusp in enumerate(ring.cusps, 1))}."
    close = sorted((aspect for aspect in ring.aspects if abs(aspect.orb) <= CLOSE), key=lambda aspect: abs(aspect.orb))
    yield f"{counted(ring.aspects, 'aspect')}, {len(close)} within {CLOSE:g}°{listed(map(aspect_words, close))}."


def counted(things: Sequence[Any], name: str) -> str:
    """'1 aspect', '5 aspects'."""
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def listed(pieces: Iterable[str]) -> str:
    """Pieces after a colon; nothing where there are none."""
    joined = "; ".join(pieces)
    return f": {joined}" if joined else ""


def _points(ring: Ring) -> Iterator[str]:
    for point in ring.points:
        house = f", house {point.house}" if point.house else ""
        yield f"{point.title} {_place(point.longitude)}{house}{', retrograde' if point.retrograde else ''}"


def aspect_words(aspect: Aspect) -> str:
    """An aspect in words: its two points, its orb, and whether it is still to come."""
    phase = f", {aspect.phase}" if aspect.phase else ""
    return f"{title(aspect.first)} {aspect.kind.replace('_', ' ')} {title(aspect.second)} {abs(aspect.orb):.1f}°{phase}"


def _place(longitude: float) -> str:
    """Cut to the minute, like the picture."""
    degrees, minutes = divmod(int(longitude % 30 * 60 + 1e-9), 60)
    return f"{degrees}° {minutes:02d}′ {SIGNS[int(longitude // 30) % 12].capitalize()}"
