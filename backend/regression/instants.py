"""The instants that documents write, as seconds that can be subtracted; years before the common era and beyond 9999 too."""

from __future__ import annotations

import re

_INSTANT = re.compile(r"(-?[0-9]{4,6})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2}(?:\.[0-9]+)?))?Z?)?")


def instant_seconds(text: str) -> float | None:
    """Seconds since 1 March of the year 0, Gregorian; None for a text that is no instant."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    hour, minute, second = int(found[4] or 0), int(found[5] or 0), float(found[6] or 0.0)
    return days(year, month, day) * 86400.0 + hour * 3600 + minute * 60 + second


def days(year: int, month: int, day: int) -> int:
    """Days since 1 March of the year 0 in the proleptic Gregorian calendar, years counted astronomically."""
    shifted = year - (month < 3)  # a year that begins in March ends with its leap day
    era, in_era = divmod(shifted, 400)
    in_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + in_era * 365 + in_era // 4 - in_era // 100 + in_year
