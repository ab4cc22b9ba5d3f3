"""JSON Schema of the key of progressions and directions: the moment, the age and the length of the year."""

from __future__ import annotations

from backend.charts.relations.time_key import YEAR_DAYS, YearLength
from backend.charts.schemas import INSTANT, NUMBER, Json, one_of, whole

MOMENT: Json = {
    "type": "string",
    "pattern": r"^-?[0-9]{4,5}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$",
    "description": "UTC, Gregorian; without a time: midnight. Not before the birth.",
}
_LENGTHS = ", ".join(f"{year} {days:.9g}" for year, days in YEAR_DAYS.items())
YEAR = one_of(YearLength, f"The length of the year that a day stands for: {_LENGTHS} days.", YearLength.TROPICAL)
AGE: Json = {"moment": whole(INSTANT), "progressed": whole({"age_years": NUMBER, **INSTANT})}
KEY: Json = {"year": one_of(YearLength), "year_days": NUMBER}
