"""The wheel as a resource: what it asks for, what it answers, and which field is wrong."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from backend.charts.drawing.looks import Look
from backend.charts.drawing.techniques import WHEEL, parse
from backend.charts.service import ChartService
from backend.charts.techniques import TECHNIQUES
from backend.errors import InvalidRequest
from tests.unit.charts.conftest import LONDON

GAP = {**LONDON, "date": "2021-03-28", "time": "01:30:00"}


def answer(service: ChartService, body: dict[str, Any]) -> dict[str, Any]:
    return WHEEL.document(WHEEL.compute(parse(body), service))


def problems(body: Any) -> dict[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        parse(body)
    return {problem.field: problem.code for problem in caught.value.problems}


def test_it_is_one_of_the_techniques() -> None:
    assert TECHNIQUES["wheel"] is WHEEL


@pytest.mark.parametrize("name", sorted(WHEEL.examples))
def test_every_example_is_answered(service: ChartService, name: str) -> None:
    document = answer(service, dict(WHEEL.examples[name]))
    assert list(document) == ["kind", "degraded", "svg", "alternative", "provenance"]
    assert set(document) == set(WHEEL.answer_schema["properties"])
    assert document["kind"] == "wheel"
    assert ET.fromstring(document["svg"]).findtext("{http://www.w3.org/2000/svg}desc") == document["alternative"]


def test_the_look_is_chosen_and_light_where_it_is_not(service: ChartService) -> None:
    assert parse({"charts": [LONDON]}).look is Look.LIGHT
    dark = answer(service, {"charts": [LONDON], "look": "dark"})
    assert 'fill="#11161D"' in dark["svg"]


def test_a_wheel_of_three_and_the_settings_in_its_digest(service: ChartService) -> None:
    one, three = ({"charts": [LONDON] * count} for count in (1, 3))
    assert answer(service, three)["alternative"].startswith("Tri-wheel.")
    assert answer(service, one)["provenance"] != answer(service, three)["provenance"]


def test_a_degraded_chart_makes_a_degraded_wheel(service: ChartService) -> None:
    document = answer(service, {"charts": [LONDON, {**LONDON, "ephemeris": "moshier"}]})
    assert [each["why"] for each in document["degraded"]] == ["moshier_requested"]
    assert "Degraded:" in document["alternative"]


def test_what_is_wrong_is_named_with_its_chart() -> None:
    assert problems({}) == {"charts": "required"}
    assert problems({"charts": []}) == {"charts": "wrong_type"}
    assert problems({"charts": [LONDON] * 4}) == {"charts": "wrong_type"}
    assert problems({"charts": {"0": LONDON}}) == {"charts": "wrong_type"}
    assert problems({"charts": [LONDON, 5]}) == {"charts.1": "wrong_type"}
    assert problems({"charts": [LONDON, {**LONDON, "latitude": 91}], "look": "sepia"}) == {
        "charts.1.latitude": "out_of_range",
        "look": "not_a_choice",
    }
    assert problems({"charts": [LONDON], "size": 3}) == {"size": "unknown_field"}


def test_one_circle_shows_one_zodiac() -> None:
    assert problems({"charts": [LONDON, {**LONDON, "zodiac": "sidereal", "ayanamsa": "lahiri"}]}) == {
        "charts.1.zodiac": "conflict",
        "charts.1.ayanamsa": "conflict",
    }


def test_a_clock_time_that_never_was_is_named_with_its_chart(service: ChartService) -> None:
    with pytest.raises(InvalidRequest) as caught:
        answer(service, {"charts": [LONDON, GAP]})
    assert [problem.field for problem in caught.value.problems] == ["charts.1.time"]
