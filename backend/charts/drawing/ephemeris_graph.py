"""A graphical ephemeris: each body's longitude over time within a harmonic, so that lines cross where bodies stand in aspect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from backend.charts.drawing.canvas import circle, line, number, picture, rectangle, text, texts
from backend.charts.drawing.captions import zodiac
from backend.charts.drawing.dial import turn
from backend.charts.drawing.glyphs import STROKES, glyph, glyphs
from backend.charts.drawing.looks import PALETTES, Look, Palette
from backend.charts.drawing.rings import title
from backend.charts.drawing.spreading import in_order
from backend.charts.drawing.time_axis import Axis, date_words, day_of, draw_axis
from backend.charts.vocabulary import SIGNS, degrees_text

MODULI = (30, 45, 90, 360)
WIDE, HIGH = 900.0, 580.0
LEFT, RIGHT, TOP, BOTTOM = 92.0, 832.0, 44.0, 536.0
_GLYPH, _LABEL_GAP, _SIZE, _SMALL = 14.0, 17.0, 10.5, 10.0
_SLOW = frozenset({"jupiter", "saturn", "uranus", "neptune", "pluto", "chiron", "pholus"})
_NEAREST = 1.5  # pixels between two points of a line: more are not seen
_MOST_TURNS = 40
_FASTEST = 24.0  # pixels: a body that runs through the whole height in less is a hatching, not a line
_CROSSES = {30: "multiples of 30°", 45: "multiples of 45°", 90: "conjunction, square or opposition", 360: "conjunction"}


class Course(NamedTuple):
    """One body's way: days, longitudes that do not jump at 360°, and whether it moves backwards."""

    body: str
    days: tuple[float, ...]
    longitudes: tuple[float, ...]
    backwards: tuple[bool, ...]


class Mark(NamedTuple):
    """A label at a line's end: where the line is, and where the label stands."""

    body: str
    line: float
    shown: float


def draw_ephemeris(document: Mapping[str, Any], look: Look, modulus: int = 90) -> str:
    """The ephemeris document as lines over time, 0° of the modulus (30, 45, 90 or 360) at the top; broken lines are retrograde motion.

    A body too fast to be a line over this range is left out and named below.
    """
    palette, rows = PALETTES[look], document["rows"]
    first, last = (rows[0]["utc"], rows[-1]["utc"]) if rows else (document["range"]["start"], document["range"]["end"])
    axis = Axis(day_of(first), day_of(last), LEFT, RIGHT)
    every = _courses(rows)
    courses = [course for course in every if not _too_fast(course, axis, modulus)]
    hidden = [title(course.body) for course in every if course not in courses]
    heading = f"Graphical ephemeris, {modulus}°"
    body = "".join(
        (
            draw_axis(axis, TOP, BOTTOM, palette),
            _scale(modulus, palette),
            rectangle(LEFT, TOP, RIGHT - LEFT, BOTTOM - TOP, "none", palette.soft),
            _lines(courses, axis, modulus, palette),
            _turning_points(courses, axis, modulus, palette),
            _labels(courses, modulus, palette),
            _foot(f"{_span(document)}. {zodiac(document)}", modulus, hidden, palette),
        )
    )
    return picture(WIDE, HIGH, heading, _words(heading, document, every, hidden, modulus), palette, body)


def _courses(rows: Sequence[Mapping[str, Any]]) -> list[Course]:
    found: dict[str, tuple[list[float], list[float], list[bool]]] = {}
    for row in rows:
        day = day_of(row["utc"])
        for position in row["positions"]:
            days, longitudes, backwards = found.setdefault(position["body"], ([], [], []))
            longitude = position["longitude_degrees"]
            days.append(day)
            longitudes.append(longitudes[-1] + turn(longitudes[-1], longitude) if longitudes else longitude)
            backwards.append(position["speed_degrees_per_day"] < 0)
    return [Course(body, tuple(days), tuple(degrees), tuple(back)) for body, (days, degrees, back) in found.items()]


def _too_fast(course: Course, axis: Axis, modulus: int) -> bool:
    """Whether the line would wrap within few pixels, or stands at too few places to be known between them."""
    turns = abs(course.longitudes[-1] - course.longitudes[0]) / modulus
    steps = max((abs(there - here) for here, there in pairwise(course.longitudes)), default=0.0)
    return turns > 0 and ((axis.right - axis.left) / turns < _FASTEST or steps > 90)


def _y(degrees: float, modulus: int) -> float:
    return TOP + degrees / modulus * (BOTTOM - TOP)


def _lines(courses: Sequence[Course], axis: Axis, modulus: int, palette: Palette) -> str:
    """Direct stretches whole, backward ones broken; those of the slow bodies are thicker."""
    paths: dict[tuple[bool, bool], str] = {}
    for course in courses:
        for back, stretch in _stretches(course, axis):
            key = (back, course.body in _SLOW)
            paths[key] = paths.get(key, "") + "".join(_wrapped(stretch, modulus))
    return "".join(
        line(path, palette.hard if back else palette.ink, 1.9 if slow else 1.0, "3.5 2.5" if back else "")
        for (back, slow), path in sorted(paths.items())
    )


def _turning_points(courses: Sequence[Course], axis: Axis, modulus: int, palette: Palette) -> str:
    """A body's glyph beside each place where its motion turns, unless something stands there already or all is full of turns."""
    taken: list[tuple[float, float, str]] = []
    for course in courses:
        for index in range(1, len(course.days)):
            back = course.backwards[index]
            if course.body in STROKES and back != course.backwards[index - 1]:
                x, y = axis.x(course.days[index]), _y(course.longitudes[index] % modulus, modulus) + (_SMALL if back else -_SMALL)
                room = LEFT + _SMALL < x < RIGHT - _SMALL and TOP + _SMALL < y < BOTTOM - _SMALL
                if room and all(abs(x - there) > _SMALL + 3 or abs(y - below) > _SMALL + 3 for there, below, _ in taken):
                    taken.append((x, y, course.body))
    if len(taken) > _MOST_TURNS:
        return ""
    paper = "".join(circle(x, y, _SMALL * 0.62, palette.paper, "none") for x, y, _ in taken)
    return paper + glyphs("".join(glyph(body, x, y, _SMALL) for x, y, body in taken), _SMALL, palette.soft, 1.0)


def _stretches(course: Course, axis: Axis) -> Iterator[tuple[bool, list[tuple[float, float]]]]:
    """The way cut where motion turns; points nearer than can be seen are left out."""
    stretch: list[tuple[float, float]] = []
    last = len(course.days) - 1
    for index, (day, longitude, back) in enumerate(zip(course.days, course.longitudes, course.backwards, strict=True)):
        x = axis.x(day)
        turned = index > 0 and back != course.backwards[index - 1]
        if not stretch or turned or index == last or x - stretch[-1][0] >= _NEAREST:
            stretch.append((x, longitude))
        if turned:
            yield not back, stretch
            stretch = [(x, longitude)]
    yield course.backwards[-1], stretch


def _wrapped(stretch: Sequence[tuple[float, float]], modulus: int) -> Iterator[str]:
    """A stretch as path, broken at the modulus's edges, where it leaves at one side and comes in at the other."""
    pen = ""
    for (x1, from_), (x2, to) in pairwise(stretch):
        sheet = from_ // modulus
        if not pen:
            yield f"M{number(x1)} {number(_y(from_ - sheet * modulus, modulus))}"
        while to // modulus != sheet:
            up = to > from_
            edge = (sheet + (1 if up else 0)) * modulus
            x = number(x1 + (edge - from_) / (to - from_) * (x2 - x1))
            yield f"L{x} {number(BOTTOM if up else TOP)}M{x} {number(TOP if up else BOTTOM)}"
            sheet += 1 if up else -1
        yield f"L{number(x2)} {number(_y(to - sheet * modulus, modulus))}"
        pen = "down"


def _labels(courses: Sequence[Course], modulus: int, palette: Palette) -> str:
    """Each body's glyph at both ends of its line."""
    left = _marks([(course.body, course.longitudes[0]) for course in courses], modulus)
    right = _marks([(course.body, course.longitudes[-1]) for course in courses], modulus)
    ties = "".join(f"M{LEFT - 1:g} {number(mark.line)}L{LEFT - 12:g} {number(mark.shown)}" for mark in left)
    ties += "".join(f"M{RIGHT + 1:g} {number(mark.line)}L{RIGHT + 12:g} {number(mark.shown)}" for mark in right)
    places = [(mark, LEFT - 22) for mark in left] + [(mark, RIGHT + 22) for mark in right]
    marks = "".join(glyph(mark.body, x, mark.shown, _GLYPH) for mark, x in places if mark.body in STROKES)
    return line(ties, palette.soft, 0.8) + glyphs(marks, _GLYPH, palette.ink)


def _marks(ends: Sequence[tuple[str, float]], modulus: int) -> list[Mark]:
    ordered = sorted((_y(longitude % modulus, modulus), body) for body, longitude in ends)
    shown = in_order([y for y, _ in ordered], [_LABEL_GAP] * (len(ordered) - 1), TOP, BOTTOM)
    return [Mark(body, y, at) for (y, body), at in zip(ordered, shown, strict=True)]


def _scale(modulus: int, palette: Palette) -> str:
    """Degrees at the left; within 30° and 360° with the signs they belong to."""
    step = {30: 5, 45: 5, 90: 15, 360: 30}[modulus]
    lines = "".join(f"M{LEFT:g} {number(_y(degrees, modulus))}H{RIGHT:g}" for degrees in range(step, modulus, step))
    drawn = line(lines, palette.rule, palette.fine * 0.5)
    if modulus == 360:
        return drawn + glyphs("".join(glyph(sign, 32, _y(index * 30 + 15, 360), 13) for index, sign in enumerate(SIGNS)), 13, palette.ink)
    words = "".join(text(f"{degrees}°", 42, _y(degrees, modulus)) for degrees in range(0, modulus + 1, step))
    return drawn + texts(words, _SIZE, palette.soft, anchor="end")


def _foot(what: str, modulus: int, hidden: Sequence[str], palette: Palette) -> str:
    said = f"{what}. Lines meet at {_CROSSES[modulus]}. Broken: retrograde."
    left_out = f"Too fast to be drawn here: {', '.join(hidden)}." if hidden else ""
    notes = text(said, LEFT, BOTTOM + 16) + (text(left_out, LEFT, BOTTOM + 31) if left_out else "")
    return texts(notes, _SIZE, palette.soft, anchor="start")


def _span(document: Mapping[str, Any]) -> str:
    return f"{date_words(document['range']['start'])} to {date_words(document['range']['end'])}"


def _words(heading: str, document: Mapping[str, Any], courses: Sequence[Course], hidden: Sequence[str], modulus: int) -> str:
    ways = "; ".join(_way(course) for course in courses) or "no data"
    left_out = f" Not drawn, too fast: {', '.join(hidden)}." if hidden else ""
    return f"{heading}, {_span(document)}. Lines meet at {_CROSSES[modulus]}. {ways}.{left_out}"


def _way(course: Course) -> str:
    turns = sum(here != there for here, there in pairwise(course.backwards))
    turning = f", turns {turns} times" if turns > 1 else ", turns once" if turns else ", retrograde" if course.backwards[0] else ""
    return f"{title(course.body)} from {_place(course.longitudes[0])} to {_place(course.longitudes[-1])}{turning}"


def _place(longitude: float) -> str:
    return f"{degrees_text(longitude % 30)} {SIGNS[int(longitude // 30) % 12].capitalize()}"
