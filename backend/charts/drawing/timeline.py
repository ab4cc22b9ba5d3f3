"""Transits on a scale of time: a row for each contact, a mark with its date for each time it is exact, a bar between the first and last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from backend.charts.drawing.aspect_lines import STROKES
from backend.charts.drawing.canvas import fitted, line, number, picture, text, texts, width
from backend.charts.drawing.glyphs import STROKES as GLYPHS
from backend.charts.drawing.glyphs import glyph, glyphs
from backend.charts.drawing.looks import PALETTES, Look, Palette
from backend.charts.drawing.rings import short, title
from backend.charts.drawing.spreading import in_order
from backend.charts.drawing.time_axis import MONTHS, Axis, date_words, day_of, draw_axis
from backend.charts.drawing.words import counted, listed

WIDE = 900.0
LEFT, RIGHT, TOP, ROW = 276.0, 880.0, 44.0, 27.0
MOST_ROWS = 60
"""Contacts drawn at most: those of the slower bodies, which last; the others are counted below."""
_GLYPH, _SIZE, _DATE = 13.5, 10.5, 9.0
_FEW_DAYS, _A_YEAR = 12.0, 370.0
_FARTHEST = 60.0  # pixels from its mark: a date that had to go farther is nobody's
_SLOWNESS = (
    "pluto", "neptune", "uranus", "pholus", "chiron", "saturn", "jupiter", "mean_node", "true_node", "mean_lilith",
    "interpolated_lilith", "osculating_lilith", "interpolated_perigee", "ceres", "pallas", "juno", "vesta",
    "mars", "sun", "venus", "mercury", "moon",
)  # fmt: skip


class Exact(NamedTuple):
    """One time at which a contact is exact."""

    day: float
    utc: str
    backwards: bool


class Contact(NamedTuple):
    """A body's aspect to a point, and when it is exact, in the order of time."""

    body: str
    aspect: str
    point: str
    times: tuple[Exact, ...]

    @property
    def words(self) -> str:
        return f"{title(self.body)} {self.aspect.replace('_', ' ')} {title(self.point)}"


def draw_timeline(document: Mapping[str, Any], look: Look) -> str:
    """The transits document as rows by the first exact time; a hollow mark is exact in retrograde motion."""
    palette = PALETTES[look]
    every = _contacts(document["events"])
    rows = sorted(sorted(every, key=_slowness)[:MOST_ROWS], key=lambda contact: contact.times[0].day)
    axis = Axis(day_of(document["range"]["start"]), day_of(document["range"]["end"]), LEFT, RIGHT)
    bottom = TOP + max(1, len(rows)) * ROW
    heading = f"Transits, {date_words(document['range']['start'])} to {date_words(document['range']['end'])}"
    body = draw_axis(axis, TOP, bottom, palette) + _ground(len(rows), palette)
    body += "".join(_row(contact, TOP + (index + 0.5) * ROW, axis, palette) for index, contact in enumerate(rows))
    body += _foot(heading, every, rows, bottom, palette)
    return picture(WIDE, bottom + 40, heading, _words(heading, rows, every), palette, body)


def _contacts(events: Sequence[Mapping[str, Any]]) -> list[Contact]:
    found: dict[tuple[str, str, str], list[Exact]] = {}
    for event in events:
        key = (str(event["body"]), str(event["aspect"]), str(event["point"]))
        found.setdefault(key, []).append(Exact(day_of(event["utc"]), event["utc"], event.get("motion") == "retrograde"))
    return [Contact(*key, tuple(sorted(times))) for key, times in found.items()]


def _slowness(contact: Contact) -> tuple[int, float]:
    place = _SLOWNESS.index(contact.body) if contact.body in _SLOWNESS else len(_SLOWNESS)
    return place, contact.times[0].day


def _ground(count: int, palette: Palette) -> str:
    lines = "".join(f"M10 {number(TOP + index * ROW)}H{RIGHT:g}" for index in range(count + 1))
    return line(lines, palette.rule, palette.fine * 0.4)


def _row(contact: Contact, y: float, axis: Axis, palette: Palette) -> str:
    """The contact's glyphs and words, its bar, and its marks with their dates."""
    return _head(contact, y, palette) + _bar(contact, y + 5, axis, palette) + _dates(contact, y, axis, palette)


def _head(contact: Contact, y: float, palette: Palette) -> str:
    tone = getattr(palette, STROKES[contact.aspect].colour) if contact.aspect in STROKES else palette.ink
    ends = ((contact.body, 20.0), (contact.point, 58.0))
    marks = "".join(glyph(name, x, y, _GLYPH) for name, x in ends if name in GLYPHS)
    kind = glyph(contact.aspect, 39, y, _GLYPH * 0.85) if contact.aspect in GLYPHS else ""
    letters = "".join(text(short(name), x, y) for name, x in ends if name not in GLYPHS)
    words = text(fitted(contact.words, _SIZE, LEFT - 84), 76, y)
    return (
        glyphs(marks, _GLYPH, palette.ink)
        + glyphs(kind, _GLYPH * 0.85, tone)
        + texts(letters, _DATE, palette.ink, weight=700)
        + texts(words, _SIZE, palette.soft, anchor="start")
    )


def _bar(contact: Contact, y: float, axis: Axis, palette: Palette) -> str:
    """From the first to the last exact time, and a lozenge at each: hollow where the body moves backwards."""
    first, last = axis.x(contact.times[0].day), axis.x(contact.times[-1].day)
    bar = line(f"M{number(first)} {number(y)}H{number(last)}", palette.rule, 2.0) if last - first > 1 else ""
    shapes = (f"M{number(axis.x(time.day) - 4)} {number(y)}l4-4 4 4-4 4z" for time in contact.times)
    pieces = list(zip(shapes, contact.times, strict=True))
    direct = "".join(shape for shape, time in pieces if not time.backwards)
    hollow = "".join(shape for shape, time in pieces if time.backwards)
    drawn = f'<path d="{direct}" fill="{palette.ink}"/>' if direct else ""
    if hollow:
        drawn += f'<path d="{hollow}" fill="{palette.paper}" stroke="{palette.ink}" stroke-width="1.1"/>'
    return bar + drawn


def _dates(contact: Contact, y: float, axis: Axis, palette: Palette) -> str:
    """A date above each mark, pushed apart; where there is not room for all, how many there are."""
    words = [_short_date(time.utc, axis.last - axis.first) for time in contact.times]
    widths = [width(each, _DATE) + 6 for each in words]
    places = _date_places(contact, widths, axis)
    moved = max(abs(place - axis.x(time.day)) for place, time in zip(places, contact.times, strict=True))
    if sum(widths) > RIGHT - LEFT or moved > _FARTHEST:
        count = text(f"{len(words)} times", min(axis.x(contact.times[0].day), RIGHT - 40), y - 6.5)
        return texts(count, _DATE, palette.ink, anchor="start")
    dates = "".join(text(each, x, y - 6.5) for each, x in zip(words, places, strict=True))
    return texts(dates, _DATE, palette.ink)


def _date_places(contact: Contact, widths: Sequence[float], axis: Axis) -> list[float]:
    gaps = [(one + other) / 2 for one, other in pairwise(widths)]
    wanted = [axis.x(time.day) for time in contact.times]
    return in_order(wanted, gaps, LEFT + widths[0] / 2 - 3, RIGHT - widths[-1] / 2 + 3)


def _short_date(utc: str, days: float) -> str:
    """A date, with the hour on a scale of few days and with the year on one of years."""
    date, _, clock = utc.removesuffix("Z").partition("T")
    year, month, day = date.rsplit("-", 2)
    words = f"{int(day)} {MONTHS[int(month) - 1]}"
    return f"{words} {clock[:5]}" if days <= _FEW_DAYS and clock else f"{words} {int(year)}" if days > _A_YEAR else words


def _foot(heading: str, every: Sequence[Contact], rows: Sequence[Contact], bottom: float, palette: Palette) -> str:
    left_out = len(every) - len(rows)
    said = f"{heading}. Filled: exact in direct motion. Hollow: exact in retrograde motion. Dates are UTC."
    said += f" {left_out} contacts of faster bodies are not drawn." if left_out else ""
    return texts(text(said if rows else f"{heading}. No contact.", 10, bottom + 20), _SIZE, palette.soft, anchor="start")


def _words(heading: str, rows: Sequence[Contact], every: Sequence[Contact]) -> str:
    told = listed(f"{contact.words} {', '.join(_told(time) for time in contact.times)}" for contact in rows)
    left_out = f" {len(every) - len(rows)} more are not drawn." if len(every) > len(rows) else ""
    return f"{heading}. {counted(every, 'contact')}{told}.{left_out}"


def _told(time: Exact) -> str:
    return date_words(time.utc) + (" retrograde" if time.backwards else "")
