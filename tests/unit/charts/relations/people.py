"""Random people for properties: times of this and the last centuries, places away from the poles."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

_FIRST = date(1850, 1, 1)


def _person(days: int, minutes: int, latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "date": (_FIRST + timedelta(days=days)).isoformat(),
        "time": f"{minutes // 60:02d}:{minutes % 60:02d}",
        "time_zone": "UTC",
        "latitude": latitude,
        "longitude": longitude,
    }


PEOPLE = st.builds(_person, st.integers(0, 73000), st.integers(0, 1439), st.floats(-60, 60), st.floats(-180, 180))
