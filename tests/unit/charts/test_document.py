"""The document: stable, rounded, honest at the edges."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from backend.charts.document import to_document, to_json
from backend.charts.vocabulary import AYANAMSA_TITLES, BODY_TITLES, HOUSE_SYSTEM_TITLES, Ayanamsa, Body, HouseSystem, Sign, degrees_text
from tests.unit.charts.conftest import Compute


def test_the_same_request_gives_the_same_bytes(compute: Compute) -> None:
    assert to_json(compute(name="A")) == to_json(compute(name="A"))


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


def test_every_ayanamsa_gives_a_chart(compute: Compute) -> None:
    for ayanamsa in Ayanamsa:
        assert compute(zodiac="sidereal", ayanamsa=ayanamsa.value).value.ayanamsa_degrees is not None
