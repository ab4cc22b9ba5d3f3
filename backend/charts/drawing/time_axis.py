"""A scale of time across a picture: where an instant lies, and where years, months or days begin."""

from __future__ import annotations

from typing import NamedTuple

from backend.charts.drawing.canvas import line, number, text, texts, width
from backend.charts.drawing.looks import Palette
from backend.charts.engine.civil_time import CivilTime, day_number, gregorian_date
from backend.charts.vocabulary import Calendar

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZE = 10.5
_YEARS = (1, 5, 10, 50, 100, 1000)
_STEPS = ((1, "day"), (7, "day"), (1, "month"), (3, "month"), *((count, "year") for count in _YEARS))
_DAYS = {"day": 1.0, "month": 30.4, "year": 365.2}
_ROOM = {"day": 46.0, "month": 36.0, "year": 46.0}  # pixels that a label needs


class Axis(NamedTuple):
    """From one day to another across a stretch of pixels; days are Julian days, here without leap seconds."""

    first: float
    last: float
    left: float
    right: float

    def x(self, day: float) -> float:
        return self.left + (day - self.first) / max(self.last - self.first, 1e-9) * (self.right - self.left)

    def ticks(self) -> list[tuple[float, str]]:
        """Where labelled steps begin, as far apart as their labels need."""
        pixels = (self.right - self.left) / max(self.last - self.first, 1e-9)
        count, unit = next(((n, name) for n, name in _STEPS if n * _DAYS[name] * pixels >= _ROOM[name]), _STEPS[-1])
        return [(day, words) for day, words in _begins(self.first, self.last, count, unit) if self.first <= day <= self.last]


def day_of(instant: str) -> float:
    """The Julian day of ``YYYY-MM-DDTHH:MM:SSZ`` or ``YYYY-MM-DD``."""
    date, _, clock = instant.removesuffix("Z").partition("T")
    year, month, day = (int(part) for part in date.rsplit("-", 2))
    hours, minutes, seconds = (clock or "00:00:00").split(":")
    whole = day_number(year, month, day, Calendar.GREGORIAN)
    return whole - 0.5 + (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) / 86400


def date_words(instant: str) -> str:
    """A date for people: '12 Mar 2026'."""
    civil = _civil(day_of(instant))
    return f"{civil.day} {MONTHS[civil.month - 1]} {civil.year}"


def draw_axis(axis: Axis, top: float, bottom: float, palette: Palette) -> str:
    """A hair line at each step, with its label above; a label that would leave the picture is left out."""
    ticks = axis.ticks()
    lines = "".join(f"M{number(axis.x(day))} {number(top)}V{number(bottom)}" for day, _ in ticks)
    fits = ((axis.x(day), words) for day, words in ticks if axis.x(day) + width(words, _SIZE) / 2 <= axis.right + 12)
    labels = "".join(text(words, x, top - 10) for x, words in fits)
    return line(lines, palette.rule, palette.fine * 0.5) + texts(labels, _SIZE, palette.soft)


def _begins(first: float, last: float, count: int, unit: str) -> list[tuple[float, str]]:
    start, end = _civil(first), _civil(last)
    if unit == "day":
        days = range(int(first + 0.5), int(last + 0.5) + 1, count)
        return [(day - 0.5, f"{gregorian_date(day)[2]} {MONTHS[gregorian_date(day)[1] - 1]}") for day in days]
    if unit == "month":
        months = range(start.year * 12 + (start.month - 1) // count * count, end.year * 12 + end.month + 1, count)
        return [(_day(month // 12, month % 12 + 1), MONTHS[month % 12] if month % 12 else str(month // 12)) for month in months]
    return [(_day(year, 1), str(year)) for year in range(start.year // count * count, end.year + 1, count)]


def _day(year: int, month: int) -> float:
    return day_number(year, month, 1, Calendar.GREGORIAN) - 0.5


def _civil(day: float) -> CivilTime:
    return CivilTime(*gregorian_date(int(day + 0.5)))
