"""The document: stable, rounded, honest at the edges."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import copysign, isfinite
from typing import Any

import pytest

from backend.charts.document import to_document, to_json
from backend.charts.engine.zodiac import zodiac_point
from backend.charts.vocabulary import (
    AYANAMSA_TITLES,
    BODY_TITLES,
    HOUSE_SYSTEM_TITLES,
    LOT_TITLES,
    SECTION_TITLES,
    Ayanamsa,
    Body,
    HouseSystem,
    Lot,
    Section,
    Sign,
    degrees_text,
)
from tests.unit.charts.conftest import Compute

KINDS: tuple[dict[str, Any], ...] = (
    {"name": "A"},
    {"time": None, "time_known": False, "house_system": None, "latitude": -0.0},
    {"center": "heliocentric", "house_system": None, "bodies": ["mercury", "earth", "vesta"]},
    {"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 2451545.0, "degrees": -0.0}, "stars": ["Spica"]},
    {"latitude": 90, "longitude": -0.0, "house_system": "whole_sign", "include": [section.value for section in Section]},
    {"date": "2450-01-01", "center": "topocentric", "altitude_metres": -0.0, "lots": [lot.value for lot in Lot]},
)


def numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from numbers(inner)
    elif isinstance(node, float):
        yield node


@pytest.mark.parametrize("changes", KINDS)
def test_the_same_request_gives_the_same_bytes(compute: Compute, changes: dict[str, Any]) -> None:
    assert to_json(compute(**changes)) == to_json(compute(**changes))


@pytest.mark.parametrize("changes", KINDS)
def test_no_number_is_minus_zero_a_full_circle_or_none_at_all(compute: Compute, changes: dict[str, Any]) -> None:
    text = to_json(compute(**changes)).decode()
    found = list(numbers(json.loads(text)))
    assert found and all(isfinite(each) and (each or copysign(1, each) == 1) for each in found)
    assert "NaN" not in text and not re.search(r'degrees":360\.0\b', text)


def test_a_longitude_a_hair_below_0_reads_as_0_aries() -> None:
    assert zodiac_point(-1e-17) == (0.0, Sign.ARIES, 0.0)
    assert zodiac_point(360.0) == (0.0, Sign.ARIES, 0.0)
    assert zodiac_point(-1e-9).sign is Sign.PISCES


def test_versions_and_times_stand_in_the_provenance(compute: Compute) -> None:
    document = json.loads(to_json(compute()))
    assert document["provenance"]["delta_t_seconds"] == document["moment"]["delta_t_seconds"] > 50
    assert document["provenance"]["obliquity_degrees"] == pytest.approx(23.44, abs=0.01)
    assert list(document)[:3] == ["kind", "name", "degraded"] and list(document)[-1] == "provenance"


def test_every_choice_changes_the_settings_digest(compute: Compute) -> None:
    choices: list[dict[str, Any]] = [
        {},
        {"house_system": "koch"},
        {"beyond_polar_circle": "equal"},
        {"zodiac": "sidereal"},
        {"zodiac": "sidereal", "ayanamsa": "raman"},
        {"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 2451545.0, "degrees": 1}},
        {"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 2451546.0, "degrees": 1}},
        {"center": "topocentric"},
        {"center": "topocentric", "altitude_metres": 5},
        {"center": "heliocentric", "house_system": None},
        {"ephemeris": "moshier"},
        {"time": None, "time_known": False, "house_system": None},
        {"bodies": ["sun"]},
        {"stars": ["Spica"]},
        {"lots": []},
        {"orbs": {"trine": 5}},
        {"body_orbs": {"sun": 5}},
        {"include": ["phases"]},
    ]
    digests = [compute(**choice).value.provenance.settings_sha256 for choice in choices]
    assert len(set(digests)) == len(choices)
    assert compute(orbs={"trine": 7}).value.provenance.settings_sha256 == digests[0]  # 7 is the default


def test_numbers_have_at_most_seven_decimals_and_no_minus_zero(compute: Compute) -> None:
    text = to_json(compute(latitude=-0.0, longitude=-0.0)).decode()
    assert "-0.0," not in text and "-0.0}" not in text and "NaN" not in text and "360.0" not in text
    decimals = re.findall(r'_degrees(?:_per_day)?":-?\d+\.(\d+)', text)
    assert max(map(len, decimals)) <= 7


def test_zero_and_minus_zero_are_the_same_chart(compute: Compute) -> None:
    assert to_json(compute(latitude=-0.0)) == to_json(compute(latitude=0))


def test_the_last_degree_stays_in_its_sign(compute: Compute) -> None:
    answer = compute()
    sun = answer.value.bodies[0]._replace(longitude_degrees=359.99999999, degrees_in_sign=29.99999999, sign=Sign.PISCES)
    edge = replace(answer, value=replace(answer.value, bodies=(sun,)))
    (body,) = to_document(edge)["bodies"]
    assert (body["longitude_degrees"], body["degrees_in_sign"], body["sign"]) == (359.9999999, 29.9999999, "pisces")


def test_provenance_names_everything_used(compute: Compute) -> None:
    document = json.loads(to_json(compute(date="1935-06-01", time_zone="Europe/Amsterdam")))
    origin = document["provenance"]
    assert origin["library"].startswith("Swiss Ephemeris 2.10")
    assert (origin["time_zone_version"], origin["time_zone_database"]) == ("2026f", "IANA with history before 1970")
    assert len({origin["ephemeris_files_sha256"], origin["time_zone_sha256"], origin["settings_sha256"]}) == 3
    assert document["moment"]["utc_offset_seconds"] == 4772
    assert document["moment"]["delta_t_seconds"] == pytest.approx(23.8, abs=0.5)


def test_the_settings_digest_follows_the_settings(compute: Compute) -> None:
    digests = {compute(house_system=system).value.provenance.settings_sha256 for system in ("placidus", "koch", "equal")}
    assert len(digests) == 3


def test_seconds_are_cut_and_not_rounded() -> None:
    assert degrees_text(29.99992) == "29° 59′ 59″"
    assert degrees_text(24.2) == "24° 12′ 00″"


def test_every_name_has_a_title() -> None:
    assert set(HOUSE_SYSTEM_TITLES) == set(HouseSystem)
    assert set(AYANAMSA_TITLES) == set(Ayanamsa)
    assert set(BODY_TITLES) == set(Body)
    assert (set(LOT_TITLES), set(SECTION_TITLES)) == (set(Lot), set(Section))


def test_every_ayanamsa_gives_a_chart(compute: Compute) -> None:
    for ayanamsa in Ayanamsa:
        assert compute(zodiac="sidereal", ayanamsa=ayanamsa.value).value.ayanamsa_degrees is not None
