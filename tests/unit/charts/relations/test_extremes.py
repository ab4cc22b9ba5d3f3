"""Whatever may be asked for together: a document that keeps its schema, or a refusal that names the field."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.vocabulary import Ayanamsa, Body, HouseSystem, Lot, Section
from backend.errors import InvalidRequest
from tests.unit.charts.relations.conftest import BY_NAME, Ask, document
from tests.unit.charts.relations.test_techniques import OF_TWO, resolved

SKIES: list[dict[str, Any]] = [
    {},
    {"center": "heliocentric"},
    {"center": "topocentric", "altitude_metres": 2000},
    {"zodiac": "sidereal", "ayanamsa": Ayanamsa.TRUE_CITRA.value},
    {"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 2451545.0, "degrees": 25.0}},
    {"ephemeris": "moshier"},
    {"bodies": [body.value for body in Body if body is not Body.EARTH], "lots": [lot.value for lot in Lot]},
    {"include": [section.value for section in Section], "stars": ["Spica", ",alLeo"]},
]
DATES = ["-2999-01-01", "-0001-06-01", "1000-02-29", "1799-12-31", "1904-02-29", "2000-01-01", "2399-12-31", "2999-12-31"]
HOUSES = [{"house_system": system.value} for system in HouseSystem] + [{"beyond_polar_circle": "porphyry"}, {}]


def _person(date: str, latitude: float, longitude: float, timed: bool) -> dict[str, Any]:
    time = {"time": "23:59:59"} if timed else {"time_known": False}
    return {"date": date, "time_zone": "local_mean_time", "latitude": latitude, "longitude": longitude, **time}


def _asked(person: dict[str, Any], sky: dict[str, Any], houses: dict[str, Any]) -> dict[str, Any]:
    """Houses and lots only where a chart may have them: to be refused for that is another test."""
    if "time" not in person or ("center" in sky and sky["center"] == "heliocentric"):
        return {**person, **{name: value for name, value in sky.items() if name != "lots"}}
    return {**person, **sky, **houses}


PERSONS = st.builds(
    _person, st.sampled_from(DATES), st.sampled_from([-90, -66.6, 0, 51.5, 66.5, 89.99, 90]), st.sampled_from([-180, 0, 180]), st.booleans()
)
REFUSED = {"house_system", "beyond_polar_circle", "lots", "date", "center", "time_known", "moment"}


@pytest.mark.parametrize("name", BY_NAME)
@given(PERSONS, PERSONS, st.sampled_from(SKIES), st.sampled_from(HOUSES), st.sampled_from(["cusp_midpoints", "midheaven"]))
@settings(max_examples=15, deadline=None)
def test_extremes_are_answered_or_refused_by_name(
    ask: Ask, name: str, one: dict[str, Any], other: dict[str, Any], sky: dict[str, Any], houses: dict[str, Any], method: str
) -> None:
    first, second = (_asked(person, sky, houses) for person in (one, other))
    more = {"houses_method": method} if name == "composite" else {}
    body = {"first": first, "second": second, **more} if name in OF_TWO else {"natal": first, "moment": "2999-12-31"}
    try:
        made = document(name, ask(name, **body))
    except InvalidRequest as error:
        assert {problem.field.rpartition(".")[2] for problem in error.problems} <= REFUSED
        assert {problem.field.partition(".")[0] for problem in error.problems} <= body.keys()
        return
    resolved(BY_NAME[name].answer_schema).validate(orjson.loads(orjson.dumps(made)))
