"""The sky from the Earth's centre, from a place on it, and from the Sun; no centre leaves a trace."""

from __future__ import annotations

import os
import threading
from typing import Any

import pytest

from backend.charts.engine.civil_time import ZoneFolder
from backend.charts.engine.ephemeris import Ephemeris, Source
from backend.charts.engine.files import DATA
from backend.charts.engine.request import parse_request
from backend.charts.service import ChartService
from backend.charts.vocabulary import DEFAULT_BODIES, NOT_SEEN_FROM, Body, Center
from backend.errors import ComputationFailed
from tests.support.clock import ManualClock
from tests.unit.charts.conftest import Compute, body
from tests.unit.charts.places import FakePlaces

ROUNDS = int(os.environ.get("ASTROLABE_TRIALS", "60"))
TOPOCENTRIC = {"center": "topocentric", "altitude_metres": 2000}
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"zodiac": "sidereal"},
    {"zodiac": "sidereal", "custom_ayanamsa": {"julian_day_tt": 2451545.0, "degrees": 25.0}},
    TOPOCENTRIC,
    {**TOPOCENTRIC, "latitude": -33.9, "longitude": 18.4, "altitude_metres": 0},
    {"center": "heliocentric"},
    {"ephemeris": "moshier"},
)


def test_the_moon_seen_from_a_place_is_off_by_its_parallax(compute: Compute) -> None:
    center, place = (compute(**kind).value.bodies[1] for kind in ({}, TOPOCENTRIC))
    assert 0.1 < abs(center.longitude_degrees - place.longitude_degrees) < 1.0


def test_altitude_matters_a_little(compute: Compute) -> None:
    high, low = (compute(center="topocentric", altitude_metres=metres).value.bodies[1].longitude_degrees for metres in (8000, 0))
    assert 0 < abs(high - low) < 0.01


def test_seen_from_the_sun_the_earth_takes_its_place(compute: Compute) -> None:
    chart, earthly = compute(center="heliocentric", house_system=None).value, compute().value
    bodies = {each.body: each for each in chart.bodies}
    assert Body.EARTH in bodies and Body.SUN not in bodies and Body.MOON not in bodies
    opposite = (bodies[Body.EARTH].longitude_degrees - earthly.bodies[0].longitude_degrees) % 360
    assert opposite == pytest.approx(180, abs=0.01)
    assert not any(each.retrograde for each in chart.bodies)


def test_a_chart_from_the_sun_has_nothing_of_a_horizon(compute: Compute) -> None:
    chart = compute(center="heliocentric", house_system=None).value
    assert (chart.cusps, chart.angles, chart.lots, chart.sect, chart.armc_degrees, chart.house_system) == ((), {}, {}, None, None, None)
    assert {(each.house, each.dignities, each.out_of_bounds) for each in chart.bodies} == {(None, (), None)}


@pytest.mark.parametrize("center", Center)
def test_what_has_no_place_in_a_sky_is_said_to_have_none(ephemeris: Ephemeris, center: Center) -> None:
    def job(sky: Any) -> Any:
        sky.look_from(center)
        return sky.positions(2451545.0, tuple(Body))

    found, missing = ephemeris.run(job)
    assert {each.body for each in missing} == NOT_SEEN_FROM[center]
    assert {each.why for each in missing} == {"not_in_this_sky"}
    assert all(each.distance_au > 0 for each in found)


def test_a_search_for_what_is_not_in_the_sky_fails(ephemeris: Ephemeris) -> None:
    with pytest.raises(ComputationFailed, match="earth has no position"):
        ephemeris.run(lambda sky: sky.ecliptic(2451545.0, Body.EARTH))
    with pytest.raises(ComputationFailed, match="chiron has no position"):
        ephemeris.run(lambda sky: sky.ecliptic(2151545.0, Body.CHIRON))


def test_after_any_chart_the_next_equals_that_of_a_fresh_library(service: ChartService, zones: ZoneFolder) -> None:
    requests = [parse_request(body(**kind, **({"house_system": None} if kind.get("center") == "heliocentric" else {}))) for kind in KINDS]
    fresh = []
    for request in requests:
        ephemeris = Ephemeris(DATA / "ephemeris")
        fresh.append(ChartService(ephemeris, zones, FakePlaces(), ManualClock()).natal(request).value)
        ephemeris.close()
    for first in requests:
        for second, alone in zip(requests, fresh, strict=True):
            service.natal(first)
            assert service.natal(second).value == alone


def test_two_places_two_zodiacs_and_two_theories_do_not_mix_between_threads(compute: Compute) -> None:
    kinds = [kind for kind in KINDS if kind.get("center") != "heliocentric"]
    alone = [compute(**kind).value for kind in kinds]
    wrong: list[int] = []

    def repeat(index: int) -> None:
        for _ in range(ROUNDS):
            if compute(**kinds[index]).value != alone[index]:
                wrong.append(index)

    threads = [threading.Thread(target=repeat, args=(index,)) for index in range(len(kinds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_moshier_asked_for_once_is_marked_and_holds_for_one_chart(compute: Compute) -> None:
    answer = compute(ephemeris="moshier")
    assert [(each.why, each.since) for each in answer.degraded] == [("moshier_requested", None)]
    sources = {each.body: each.source for each in answer.value.bodies}
    assert sources.pop(Body.MEAN_NODE) is Source.MEAN_ELEMENTS
    assert set(sources.values()) == {Source.MOSHIER}
    assert (answer.source, answer.value.provenance.mode) == ("moshier", "moshier")
    assert compute().degraded == ()


def test_all_bodies_but_the_earth_are_in_the_files_or_need_none(compute: Compute) -> None:
    answer = compute(bodies=[each.value for each in Body if each is not Body.EARTH])
    assert (answer.degraded, answer.value.unavailable) == ((), ())
    needless = {each.body for each in answer.value.bodies if each.source in (Source.MEAN_ELEMENTS, Source.INTERPOLATED)}
    assert needless == {Body.MEAN_NODE, Body.MEAN_LILITH, Body.INTERPOLATED_LILITH, Body.INTERPOLATED_PERIGEE}


def test_bodies_come_in_one_order_however_they_are_asked_for(compute: Compute) -> None:
    assert [each.body for each in compute(bodies=["chiron", "moon", "vesta"]).value.bodies] == [Body.MOON, Body.CHIRON, Body.VESTA]
    assert tuple(each.body for each in compute().value.bodies) == DEFAULT_BODIES


def test_what_lots_need_is_computed_and_not_shown(compute: Compute) -> None:
    shown, all_of_them = (compute(bodies=bodies, lots=["fortune", "eros"]).value for bodies in (["mars"], None))
    assert [each.body for each in shown.bodies] == [Body.MARS]
    assert (shown.lots, shown.sect) == (all_of_them.lots, all_of_them.sect)


def test_a_lot_by_moshier_is_marked_though_its_bodies_are_not_shown(compute: Compute) -> None:
    (lesser,) = compute(bodies=["mean_node"], ephemeris="moshier").degraded
    assert lesser.detail.startswith("sun, moon ")


def test_the_interpolated_apogee_swings_less_than_the_osculating_one(compute: Compute) -> None:
    bodies = compute(bodies=["mean_lilith", "osculating_lilith", "interpolated_lilith", "interpolated_perigee"]).value.bodies
    mean, osculating, interpolated, perigee = (each.longitude_degrees for each in bodies)
    off = [abs((each - mean + 180) % 360 - 180) for each in (osculating, interpolated)]
    assert off[1] < off[0] < 31
    assert abs((perigee - interpolated) % 360 - 180) < 40
