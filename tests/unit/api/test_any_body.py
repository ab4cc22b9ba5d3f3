"""Whatever stands in the fields, the answer is a chart or a problem that names what is wrong; never an error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.api.app import create_app
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from tests.conformance.inputs import BASE
from tests.conformance.wire import Message, send
from tests.unit.api.builders import KEY
from tests.unit.api.server import running
from tests.unit.api.test_hostile_inputs import real_parts

NUMBERS = st.integers() | st.floats() | st.sampled_from([90, -90, 180, -180, 0.0, -0.0, 89.9999999, 1e-300, 2**63])
DATES = st.builds("{}-{}-{}".format, st.integers(-99999, 99999), st.integers(0, 13), st.integers(0, 32))
TIMES = st.builds("{:02d}:{:02d}:{:02d}".format, st.integers(0, 25), st.integers(0, 61), st.integers(0, 61))
WORDS = st.sampled_from(
    ["placidus", "gauquelin", "sunshine", "sidereal", "julian", "true_citra", "Pacific/Apia", "Asia/Kolkata", "UTC", ""]
)
ANYTHING = st.none() | st.booleans() | NUMBERS | DATES | TIMES | WORDS | st.text(max_size=20) | st.lists(st.integers(), max_size=2)
FIELDS = st.sampled_from([*BASE, "place", "fold", "calendar", "ayanamsa", "extra"])
LIKELY = st.fixed_dictionaries(
    {},
    optional={
        "date": st.builds("{:04d}-{:02d}-{:02d}".format, st.integers(0, 2999), st.integers(1, 12), st.integers(1, 31)),
        "time": TIMES,
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "time_zone": WORDS,
        "house_system": WORDS,
        "zodiac": WORDS,
    },
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    ephemeris = Ephemeris(DATA / "ephemeris")
    with running(create_app(real_parts(ephemeris))) as address:
        yield address
    ephemeris.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIKELY, st.dictionaries(FIELDS, ANYTHING, max_size=2))
def test_any_body_is_answered_with_a_chart_or_a_named_problem(address: str, likely: dict[str, Any], odd: dict[str, Any]) -> None:
    body = json.dumps({**BASE, **likely, **odd}).encode()
    answer = send(address, Message("POST", "/v1/charts", (("X-Api-Key", KEY), ("Content-Type", "application/json")), body))
    assert answer.status in (200, 400, 422), answer.text
    assert answer.seconds < 2
    if answer.status == 422:
        assert json.loads(answer.body)["errors"][0]["name"]
