"""Charts as a caller gets them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from backend.actor import Actor, ActorKind
from backend.answer import Degradation
from backend.charts.engine.ephemeris import Ephemeris, Source
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.charts.vocabulary import Body, HouseSystem, Sign
from backend.errors import Forbidden, InvalidRequest
from tests.unit.charts.conftest import CALLER, Compute, body
from tests.unit.charts.places import FakePlaces


def problem(compute: Compute, **changes: object) -> tuple[str, str]:
    with pytest.raises(InvalidRequest) as caught:
        compute(**changes)
    return caught.value.problems[0].field, caught.value.problems[0].code


def test_a_chart_has_everything(compute: Compute) -> None:
    answer = compute(name="A")
    chart = answer.value
    assert [body.body for body in chart.bodies] == list(Body)[:13]
    assert {body.source for body in chart.bodies} == {Source.FILES, Source.MEAN_ELEMENTS}
    sun = chart.bodies[0]
    assert (sun.sign, sun.house, sun.retrograde) == (Sign.GEMINI, 9, False)
    assert chart.bodies[2].dignities == ("domicile",)
    assert len(chart.cusps) == 12 and chart.cusps[0].longitude_degrees == chart.angles["ascendant"].longitude_degrees
    assert (chart.sect, chart.moment.scale, answer.degraded) == ("day", "utc", ())
    assert set(chart.lots) == {"fortune", "spirit"}
    assert chart.local.utc.text == "1990-06-15T13:30:00"


def test_before_1972_the_clock_is_read_as_ut1(compute: Compute) -> None:
    assert compute(date="1969-07-20").value.moment.scale == "ut1"


def test_who_may_not_compute_is_refused(service: ChartService) -> None:
    nobody = Actor(ActorKind.API_KEY, "key:none", "none", frozenset())
    with pytest.raises(Forbidden):
        service.compute(nobody, parse_request(body()))


def test_a_time_that_never_came_is_refused_with_both_neighbours(compute: Compute) -> None:
    with pytest.raises(InvalidRequest, match=r"01:59:59.*03:00:00") as caught:
        compute(date="2021-03-28", time="02:30", time_zone="Europe/Berlin")
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == ("time", "nonexistent_local_time")


def test_a_time_that_came_twice_needs_a_fold(compute: Compute) -> None:
    twice = {"date": "2021-10-31", "time": "02:30", "time_zone": "Europe/Berlin"}
    assert problem(compute, **twice) == ("time", "ambiguous_local_time")
    first, second = compute(**twice, fold=0).value, compute(**twice, fold=1).value
    assert (second.moment.julian_day_ut1 - first.moment.julian_day_ut1) * 24 == pytest.approx(1)
    assert (first.local.fold, second.local.fold) == (0, 1)


def test_a_fold_where_none_is_asked_for_changes_nothing(compute: Compute) -> None:
    assert compute(fold=1).value.moment == compute().value.moment


def test_an_unknown_zone_names_its_field(compute: Compute) -> None:
    assert problem(compute, time_zone="localtime") == ("time_zone", "unknown_zone")


@pytest.mark.parametrize("system", HouseSystem)
def test_every_body_has_a_house_of_the_system(compute: Compute, system: HouseSystem) -> None:
    for latitude in (0.0, 51.5, 66.4, -66.4, 78.2, 90.0, -90.0):
        chart = compute(latitude=latitude, house_system=system.value, beyond_polar_circle="porphyry").value
        assert all(each.house is not None and 1 <= each.house <= len(chart.cusps) for each in chart.bodies)


def test_a_sidereal_chart_leaves_no_trace(compute: Compute) -> None:
    before = compute().value
    sidereal = compute(zodiac="sidereal").value
    assert compute().value.bodies == before.bodies
    shift = before.bodies[0].longitude_degrees - sidereal.bodies[0].longitude_degrees
    assert shift == pytest.approx(sidereal.ayanamsa_degrees, abs=1e-6)
    cusps = before.cusps[0].longitude_degrees - sidereal.cusps[0].longitude_degrees
    assert cusps % 360 == pytest.approx(sidereal.ayanamsa_degrees, abs=1e-5)
    assert sidereal.bodies[0].declination_degrees == pytest.approx(before.bodies[0].declination_degrees, abs=1e-9)


def test_500_fresh_threads_leave_no_open_files(compute: Compute) -> None:
    compute()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(500):
        thread = threading.Thread(target=compute)
        thread.start()
        thread.join()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 5


def test_local_mean_time_is_the_places_own(compute: Compute) -> None:
    own = compute(date="1860-05-01", time_zone="local_mean_time", latitude=50.94, longitude=6.96).value
    assert own.local.offset_seconds == 1670  # Cologne; the zone's own mean time is Berlin's, 53 min 28 s
    zone = compute(date="1860-05-01", time_zone="Europe/Berlin", latitude=50.94, longitude=6.96).value
    assert zone.local.offset_seconds == 3208


def test_years_before_the_first_are_computed(compute: Compute) -> None:
    chart = compute(date="-0043-03-15", time="12:00", time_zone="Europe/Rome").value
    assert chart.request.calendar == "julian"
    assert chart.local.utc.date_text == "-0043-03-13"


@pytest.mark.parametrize("date", ["1799-06-01", "2400-06-01"])
def test_outside_the_files_the_planets_are_moshiers_and_say_so(compute: Compute, date: str) -> None:
    answer = compute(date=date)
    assert {each.source for each in answer.value.bodies if each.body not in ("mean_node",)} == {Source.MOSHIER}
    assert [(missing.body, missing.why) for missing in answer.value.unavailable] == [("chiron", "outside_file_range")]
    assert [(each.what, each.why, each.since) for each in answer.degraded] == [("ephemeris", "outside_file_range", None)]
    assert "sun" in answer.degraded[0].detail and "chiron" in answer.degraded[0].detail and "mean_node" not in answer.degraded[0].detail


@pytest.mark.parametrize("date", ["-2999-01-01", "2999-12-31"])
def test_the_first_and_last_year_are_computed(compute: Compute, date: str) -> None:
    assert len(compute(date=date).value.bodies) == 12


def test_a_place_gives_coordinates_and_zone(compute: Compute, places: FakePlaces) -> None:
    by_name = {"place": "Lisbon", "latitude": None, "longitude": None, "time_zone": None}
    chart = compute(**by_name).value
    assert (chart.place.name, chart.place.source, chart.local.time_zone) == ("Lisbon", "offline index", "Europe/Lisbon")
    assert chart.local.zone_source == "place"
    places.degraded = (Degradation("place", "circuit_open", "the geocoder is not being asked"),)
    assert compute(**by_name).degraded == places.degraded
    assert problem(compute, **{**by_name, "place": "Nowhere"}) == ("place", "unknown_place")


def test_moshier_on_request_says_so(moshier: Ephemeris, zones, places, clock) -> None:
    answer = ChartService(moshier, zones, places, clock).compute(CALLER, parse_request(body()))
    assert [each.why for each in answer.degraded] == ["moshier_requested"]
    assert answer.value.bodies[0].source is Source.MOSHIER
    assert answer.value.provenance.mode == "moshier"


def test_only_what_sect_and_lots_need_is_computed_beside_what_was_asked_for(compute: Compute) -> None:
    def supporting(**changes: Any) -> set[str]:
        return {position.body.value for position in compute(bodies=["mars"], **changes).value.supporting}

    assert supporting(lots=[]) == {"sun"}
    assert supporting() == {"sun", "moon"}
    assert supporting(lots=["eros"]) == {"sun", "moon", "venus"}  # from Spirit, which is cast from both lights
