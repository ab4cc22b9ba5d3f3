"""Times as reference files write them."""

from __future__ import annotations

from backend.charts.engine.civil_time import CivilTime


def civil(text: str) -> CivilTime:
    """``YYYY-MM-DDTHH:MM:SS``, the year possibly negative."""
    date, _, time = text.rpartition("T")
    year, month, day = date.rsplit("-", 2)
    hour, minute, second = (int(part) for part in time.split(":"))
    return CivilTime(int(year), int(month), int(day), hour, minute, second)
