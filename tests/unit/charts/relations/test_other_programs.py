"""The same two people in other programs: figures printed by them, each in its own environment, for these very births.

They read the clock as UT1 where we read UTC (0.9 s at most): the angles may differ by 0.004°, the Moon by 0.0002°.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.charts.relations.conftest import ANNA, LEAP, Ask, document

ANGLE, MOON = 0.004, 0.0002
KERYKEION_COMPOSITE_CUSPS = {1: 252.681353, 2: 288.497521, 3: 322.134989, 10: 173.591273, 11: 202.105943}
IMMANUEL_ANGLES = {
    "naibod_right_ascension": (216.426051, 139.476981),
    "solar_arc_longitude": (216.430642, 139.483670),
    "mean_quotidian": (62.708104, 300.093613),
}


def by_name(made: dict[str, Any]) -> dict[str, float]:
    return {each["body"]: each["longitude_degrees"] for each in made["bodies"]}


def angles(made: dict[str, Any]) -> tuple[float, float]:
    return made["angles"]["ascendant"]["longitude_degrees"], made["angles"]["midheaven"]["longitude_degrees"]


@pytest.mark.parametrize("method", IMMANUEL_ANGLES)
def test_progressed_angles_are_those_of_immanuel_1_6(ask: Ask, method: str) -> None:
    made = document("progressions", ask("progressions", natal=ANNA, moment="2026-11-25", angles=method))
    assert angles(made) == pytest.approx(IMMANUEL_ANGLES[method], abs=ANGLE)
    assert by_name(made)["sun"] == pytest.approx(118.958568, abs=1e-5)
    assert by_name(made)["moon"] == pytest.approx(117.452488, abs=MOON)


def test_the_composite_is_that_of_kerykeion_5(ask: Ask) -> None:
    made = document("composite", ask("composite", first=ANNA, second=LEAP))
    found = {each["house"]: each["longitude_degrees"] for each in made["houses"]["cusps"]}
    assert {house: found[house] for house in KERYKEION_COMPOSITE_CUSPS} == pytest.approx(KERYKEION_COMPOSITE_CUSPS, abs=ANGLE)
    assert by_name(made)["moon"] == pytest.approx(54.549187, abs=MOON)
    assert by_name(made)["mars"] == pytest.approx(322.843373, abs=1e-5)


def test_the_davison_chart_is_that_of_stellium_0_22_with_simple_means(ask: Ask) -> None:
    made = document("davison", ask("davison", first=ANNA, second=LEAP))
    assert made["moment"]["utc"] == "1989-04-22T21:47:30Z"
    assert (made["place"]["latitude_degrees"], made["place"]["longitude_degrees"]) == (45.10835, -4.61665)
    assert angles(made) == pytest.approx((242.894695, 172.577534), abs=ANGLE)
    assert by_name(made)["moon"] == pytest.approx(232.427191, abs=MOON)
