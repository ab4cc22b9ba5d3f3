"""Fixed stars, ayanamsas measured from them, and zodiacs of one's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from backend.charts.document import to_json
from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.library_numbers import AYANAMSAS
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.charts.vocabulary import AYANAMSAS_OF_STARS, Ayanamsa
from backend.errors import ComputationFailed, InvalidRequest
from tests.support.clock import ManualClock
from tests.unit.charts.conftest import Compute, body
from tests.unit.charts.places import FakePlaces


def test_a_star_has_a_place_a_magnitude_and_a_house(compute: Compute) -> None:
    (spica,) = json.loads(to_json(compute(date="2000-01-01", time="12:00", stars=["Spica"])))["stars"]
    assert (spica["star"], spica["designation"], spica["magnitude"]) == ("Spica", "alVir", 0.97)
    assert spica["longitude_degrees"] == pytest.approx(203.836, abs=0.01)
    assert spica["declination_degrees"] == pytest.approx(-11.16, abs=0.01)  # of J2000: the catalogue's -11° 09' 41"
    assert (spica["sign"], spica["source"]) == ("libra", "star_catalogue") and 1 <= spica["house"] <= 12


def test_a_star_goes_by_its_designation_too(compute: Compute) -> None:
    by_name, by_designation = compute(stars=["spica", ",alVir"]).value.stars
    assert by_name == by_designation


def test_an_unknown_magnitude_is_none(compute: Compute) -> None:
    assert compute(stars=["Galactic Center"]).value.stars[0].star.magnitude is None


@pytest.mark.parametrize("name", ["Nonesuch", "Spi%", "%", "12", ",nonesuch", "Spica,alVir", "alVir\\", "/etc/passwd"])
def test_what_is_no_star_is_refused_by_its_place_in_the_list(compute: Compute, name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        compute(stars=["Spica", name])
    assert [(each.field, each.code) for each in caught.value.problems] == [("stars.1", "unknown_star")]


@pytest.mark.parametrize(
    ("stars", "code"), [("Spica", "wrong_type"), ([1], "wrong_type"), (["Spica", "Spica"], "repeated"), (["a"] * 51, "too_long")]
)
def test_a_list_of_stars_is_read_strictly(stars: Any, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(stars=stars))
    assert [(each.field, each.code) for each in caught.value.problems] == [("stars", code)]


def test_without_the_catalogue_stars_are_missing_and_said_to_be(tmp_path: Path, zones: ZoneFolder) -> None:
    folder = Path(shutil.copytree(DATA / "ephemeris", tmp_path / "ephe"))
    (folder / "sefstars.txt").unlink()
    ephemeris = Ephemeris(folder)
    service = ChartService(ephemeris, zones, FakePlaces(), ManualClock())
    answer = service.natal(parse_request(body(stars=["Spica"])))
    assert [(each.body, each.why) for each in answer.value.unavailable] == [("Spica", "files_missing")]
    assert [(each.why, each.detail.split()[0]) for each in answer.degraded] == [("files_missing", "Spica")]
    for ayanamsa in AYANAMSAS_OF_STARS:
        with pytest.raises(ComputationFailed, match="star catalogue"):
            service.natal(parse_request(body(zodiac="sidereal", ayanamsa=ayanamsa.value)))
    ephemeris.close()


def test_every_ayanamsa_of_the_library_has_its_name() -> None:
    assert sorted(AYANAMSAS.values()) == list(range(47))
    assert set(AYANAMSAS) == set(Ayanamsa)


def test_an_ayanamsa_with_and_without_nutation_differs_by_the_nutation(ephemeris: Ephemeris) -> None:
    def values(sky: Any) -> tuple[float, float]:
        return tuple(sky.ayanamsa(2451545.0, Ayanamsa.LAHIRI, with_nutation=each) for each in (True, False))  # type: ignore[return-value]

    nutated, mean = ephemeris.run(values)
    assert 0 < abs(nutated - mean) * 3600 < 19
    assert mean == pytest.approx(23.857, abs=0.001)


def test_a_zodiac_of_ones_own_begins_where_it_is_said_to(compute: Compute) -> None:
    lahiri = compute(zodiac="sidereal").value
    own = {"julian_day_tt": 2451545.0, "degrees": 23.857}
    chart = compute(zodiac="sidereal", custom_ayanamsa=own).value
    assert chart.ayanamsa_degrees == pytest.approx(lahiri.ayanamsa_degrees, abs=0.001)
    shift = compute().value.bodies[0].longitude_degrees - chart.bodies[0].longitude_degrees
    assert shift == pytest.approx(chart.ayanamsa_degrees, abs=1e-6)
    settings = json.loads(to_json(compute(zodiac="sidereal", custom_ayanamsa=own)))["settings"]
    assert (settings["ayanamsa"], settings["custom_ayanamsa"]) == (None, own)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"custom_ayanamsa": {"julian_day_tt": 2451545.0, "degrees": 1}}, {"custom_ayanamsa": "not_applicable"}),
        ({"zodiac": "sidereal", "custom_ayanamsa": {"degrees": 1}}, {"custom_ayanamsa.julian_day_tt": "required"}),
        ({"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 1, "degrees": 361}},
         {"custom_ayanamsa.julian_day_tt": "out_of_range", "custom_ayanamsa.degrees": "out_of_range"}),
        ({"zodiac": "sidereal", "custom_ayanamsa": 5}, {"custom_ayanamsa": "wrong_type"}),
        ({"zodiac": "sidereal", "ayanamsa": "raman", "custom_ayanamsa": {"julian_day_tt": 2451545, "degrees": 1}},
         {"custom_ayanamsa": "conflict"}),
    ],
)  # fmt: skip
def test_a_wrong_zodiac_of_ones_own_names_its_field(changes: dict[str, Any], problems: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parse_request(body(**changes))
    assert {each.field: each.code for each in caught.value.problems} == problems
