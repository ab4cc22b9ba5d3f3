"""Beyond the polar circle: refused, or replaced by what was asked for and said so; never silent, never clamped."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

import pytest

from backend.charts.document import to_json
from backend.charts.vocabulary import NOT_BEYOND_POLAR_CIRCLE, BeyondPolarCircle, HouseSystem
from backend.errors import InvalidRequest
from tests.unit.charts.conftest import Compute

LATITUDES = [66.4, 66.6, 69.6, 78.2, 89.99, 90, -66.4, -66.6, -89.99, -90]
STAND_INS = [each for each in BeyondPolarCircle if each is not BeyondPolarCircle.REFUSE]
DAYS = {"midsummer": "1990-06-15", "midwinter": "1990-12-21", "equinox": "1990-03-20"}


def refused(compute: Compute, **changes: Any) -> bool:
    try:
        compute(**changes)
    except InvalidRequest as error:
        assert [(each.field, each.code) for each in error.problems] == [("house_system", "undefined_at_latitude")]
        return True
    return False


def expected_refusal(system: HouseSystem, latitude: float, day: str) -> bool:
    if system is HouseSystem.SUNSHINE_MAKRANSKY:
        return abs(latitude) > 66.5 and day != "equinox"
    return system in NOT_BEYOND_POLAR_CIRCLE and abs(latitude) > 66.5


@pytest.mark.parametrize("latitude", LATITUDES)
def test_each_system_is_itself_refused_or_replaced_as_documented(compute: Compute, latitude: float) -> None:
    for system in HouseSystem:
        asked = {"latitude": latitude, "house_system": system.value, "date": DAYS["midsummer"]}
        out = refused(compute, **asked)
        if not (system is HouseSystem.SUNSHINE_MAKRANSKY and abs(latitude) < 66.7):  # whether the Sun sets there depends on the day
            assert out is expected_refusal(system, latitude, "midsummer")
        for stand_in in STAND_INS:
            chart = compute(**asked, beyond_polar_circle=stand_in.value).value
            assert chart.place.latitude_degrees == latitude
            assert chart.house_system is (HouseSystem(stand_in.value) if out else system)
            assert chart.house_reason == ("undefined_at_latitude" if out else None)
            assert len(chart.cusps) == (36 if chart.house_system is HouseSystem.GAUQUELIN else 12)
            assert all(isfinite(cusp.longitude_degrees) for cusp in chart.cusps)


@pytest.mark.parametrize("day", DAYS)
def test_sunshine_by_makransky_needs_a_sunrise(compute: Compute, day: str) -> None:
    for latitude in (69.6, -69.6):
        asked = {"latitude": latitude, "house_system": "sunshine_makransky", "date": DAYS[day]}
        assert refused(compute, **asked) is expected_refusal(HouseSystem.SUNSHINE_MAKRANSKY, latitude, day)


def test_a_replacement_equals_the_system_itself(compute: Compute) -> None:
    stand_in = compute(latitude=78.2, beyond_polar_circle="porphyry").value
    itself = compute(latitude=78.2, house_system="porphyry").value
    assert (stand_in.cusps, stand_in.bodies, stand_in.angles) == (itself.cusps, itself.bodies, itself.angles)


def test_the_document_says_what_was_asked_for_and_what_was_used(compute: Compute) -> None:
    houses = json.loads(to_json(compute(latitude=78.2, beyond_polar_circle="equal")))["houses"]
    assert (houses["requested"], houses["used"], houses["reason"]) == ("placidus", "equal", "undefined_at_latitude")
    houses = json.loads(to_json(compute(beyond_polar_circle="equal")))["houses"]
    assert (houses["requested"], houses["used"], houses["reason"]) == ("placidus", "placidus", None)


def test_a_replacement_is_an_answer_of_another_digest(compute: Compute) -> None:
    digests = {compute(beyond_polar_circle=each.value).value.provenance.settings_sha256 for each in BeyondPolarCircle}
    assert len(digests) == len(BeyondPolarCircle)
