"""Differences between documents in words: what a value is called, how it reads, by how much it differs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

from backend.charts.vocabulary import BODY_TITLES, SIGNS, Body, degrees_text
from backend.regression.values import Difference, Tolerance, Unit, is_number
from components import markup
from components.times import SPACE
from components.views.playground_records import harmless
from components.wording import say

_PART = re.compile(r"([a-z0-9_-]+)(?:\[([^\]]*)\])?")
_SHOWN_ALONE = ("longitude_degrees", "utc")  # what a place or an event is about goes without saying
_SECTIONS = {"bodies": "", "aspects": "", "angles": "", "lots": "Lot", "events": "", "stars": "Star", "houses": "Houses"}
_WITHOUT = ("settings", "moment", "provenance")  # what stands in these is named well enough by itself
_UNITS = ("_degrees_per_day", "_degrees_per_year", "_degrees", "_seconds", "_au")


def label(path: str) -> str:
    """'bodies[moon].longitude_degrees' reads 'Moon', 'houses.cusps[2].speed_degrees_per_day' 'House 2 speed'."""
    parts = [(found[1], found[2]) for found in _PART.finditer(path.replace("houses.cusps[", "house["))]
    if len(parts) > 1 and parts[0][0] in _WITHOUT:
        parts = parts[1:]
    if len(parts) > 1 and parts[-1][0] in _SHOWN_ALONE:
        parts = parts[:-1]
    words = [word for name, item in parts for word in (_SECTIONS.get(name, _plain(name)), _item(item) if item else "") if word]
    text = " ".join(words)
    return text[:1].upper() + text[1:] if text != "utc" else "UTC"


def _plain(name: str) -> str:
    for unit in _UNITS:
        name = name.removesuffix(unit)
    return name.replace("_", " ")


def _item(text: str) -> str:
    try:
        return BODY_TITLES[Body(text.replace(" ", "_"))]
    except ValueError:
        return text


def value(difference: Difference, side: Any) -> str:
    """One side's value as it is read: a longitude in its sign, an angle in degrees, an instant as its text."""
    if side is None or difference.unit is Unit.PRESENCE:
        return say("compare.absent" if side is None else "compare.present")
    if difference.unit is Unit.ARCSECONDS and is_number(side):
        return _zodiacal(side) if difference.path.endswith(".longitude_degrees") and not _on_earth(difference.path) else _angle(side)
    if difference.unit is Unit.SPEED and is_number(side):
        return f"{_signed(side, 7)}°{SPACE}{_per(difference.path)}"
    if isinstance(side, bool):
        return say("compare.yes") if side else say("compare.no")
    if difference.unit is Unit.SECONDS:
        return str(side).replace("T", SPACE).replace("Z", "")
    return markup.short(str(side).replace("_", " "), 80)


def _on_earth(path: str) -> bool:
    return path.startswith("place.")


def _zodiacal(longitude: float) -> str:
    hundredths = round(longitude * 360_000) % 129_600_000
    sign, inside = divmod(hundredths, 10_800_000)
    return f"{_degrees(inside)} {SIGNS[sign][:3].capitalize()}"


def _angle(degrees: float) -> str:
    return ("−" if degrees < 0 else "") + _degrees(round(abs(degrees) * 360_000))


def _degrees(hundredths: int) -> str:
    whole, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6000)
    return f"{whole:02d}°{SPACE}{minutes:02d}′{SPACE}{seconds / 100:05.2f}″"


def amount(difference: Difference) -> str:
    """By how much, signed, with its unit; words where there is no amount."""
    if difference.amount is None:
        if difference.unit is Unit.PRESENCE:
            return say("compare.only_right") if difference.left is None else say("compare.only_left")
        return say("compare.differs")
    match difference.unit:
        case Unit.ARCSECONDS:
            return f"{_signed(difference.amount, 2)}″" if abs(difference.amount) >= 0.01 else f"{_signed(difference.amount, 4)}″"
        case Unit.SPEED:
            return f"{_signed(difference.amount, 3)}″{SPACE}{_per(difference.path)}"
        case Unit.SECONDS:
            return f"{_signed(difference.amount, 3 if abs(difference.amount) < 10 else 0)}{SPACE}s"
        case _:
            return f"{_signed(difference.amount * 1e6, 3)}{SPACE}ppm"


def _per(path: str) -> str:
    return "a year" if path.endswith("_per_year") else "a day"


def size_words(arcseconds: float) -> str:
    """A difference of angles without its sign: '0.34″', '14° 53′ 33″'."""
    return f"{arcseconds:,.2f}″" if arcseconds < 3600 else degrees_text(arcseconds / 3600)


def _signed(number: float, digits: int) -> str:
    return f"{number:+,.{digits}f}".replace("-", "−")


def table(differences: Sequence[Difference], tolerance: Tolerance) -> str:
    """All of them as CSV with exact figures, for other programs; text that a spreadsheet would run is made harmless."""
    written = io.StringIO()
    out = csv.writer(written, lineterminator="\n")
    out.writerow(["path", "value", "left", "right", "difference", "unit", "beyond_tolerance"])
    for one in differences:
        beyond = "no" if tolerance.allows(one) else "yes"
        amount_text = "" if one.amount is None else repr(one.amount)
        out.writerow([harmless(one.path), harmless(label(one.path)), _exact(one.left), _exact(one.right), amount_text, one.unit, beyond])
    return written.getvalue()


def _exact(side: Any) -> str:
    return repr(side) if is_number(side) else harmless(None if side is None else str(side))
