"""Stations, ingresses, lunations and eclipses against the reference file's complete years, and at their borders."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from backend.charts.techniques import TECHNIQUES
from backend.errors import InvalidRequest
from tests.unit.charts.events.conftest import Ask

REFERENCE = json.loads((Path(__file__).parents[3] / "reference" / "charts.json").read_text("utf-8"))["events"]
TEN_SECONDS = 10 / 86400


def of_year(entries: list[dict[str, Any]], year: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["ut"].startswith(year)]


@pytest.mark.parametrize("light", ["solar", "lunar"])
def test_eclipses_are_those_of_the_reference_and_no_others(ask: Ask, light: str) -> None:
    entries = REFERENCE[f"{light}_eclipses"]
    for year in sorted({entry["ut"][:4] for entry in entries})[::3]:
        found = ask("eclipses", start=f"{year}-01-01", end=f"{int(year) + 1}-01-01", eclipses=[light])["events"]
        expected = of_year(entries, year)
        assert [event["kind"] for event in found] == [event["kind"] for event in expected]
        assert [event["julian_day_tt"] for event in found] == pytest.approx([each["jd_tt"] for each in expected], abs=3 * TEN_SECONDS)


def test_lunations_are_those_of_the_reference_and_no_others(ask: Ask) -> None:
    for year in ("1900", "1950", "2000", "2040"):
        expected = of_year(REFERENCE["moon_phases"], year)
        found = ask("lunations", start=f"{year}-05-01", end=f"{year}-06-15")["events"]
        assert [event["phase"] for event in found] == [event["kind"] for event in expected]
        assert [event["julian_day_tt"] for event in found] == pytest.approx([each["jd_tt"] for each in expected], abs=TEN_SECONDS)


def test_at_a_full_moon_sun_and_moon_are_opposite(ask: Ask) -> None:
    for event in ask("lunations", phases=["full"])["events"]:
        assert abs(event["moon_longitude_degrees"] - event["sun_longitude_degrees"]) == pytest.approx(180, abs=1e-6)


def test_a_borderline_eclipse_has_its_magnitude_with_its_kind(ask: Ask) -> None:
    (of_2015,) = ask("eclipses", start="2015-04-01", end="2015-04-10", eclipses=["lunar"])["events"]
    assert of_2015["umbral_magnitude"] == pytest.approx(1.0008, abs=0.004)
    assert of_2015["kind"] in ("total", "partial")
    (of_1927,) = ask("eclipses", start="1927-01-01", end="1927-01-10", eclipses=["solar"])["events"]
    assert of_1927["magnitude"] == pytest.approx(0.9995, abs=0.002)
    assert of_1927["kind"] in ("annular", "hybrid")


def test_a_place_sees_an_eclipse_or_is_told_that_it_does_not(ask: Ask) -> None:
    """12 August 2026: total in Burgos towards sunset, below the horizon in Tokyo."""
    august = {"start": "2026-08-10", "end": "2026-08-15", "eclipses": ["solar"]}
    (spain,) = ask("eclipses", **august, latitude=42.3440, longitude=-3.6969)["events"]
    local = spain["local"]
    assert (local["visible"] and local["magnitude"] > 1 and local["obscuration"] == pytest.approx(1, abs=0.001)) or local["obscuration"] > 1
    assert 5 < local["altitude_degrees"] < 13
    assert local["maximum"]["utc"][:16] == "2026-08-12T18:29"
    (japan,) = ask("eclipses", **august, latitude=35.68, longitude=139.69)["events"]
    assert japan["local"]["visible"] is False and japan["local"]["maximum"] is None
    (anywhere,) = ask("eclipses", **august)["events"]
    assert anywhere["local"] is None


def test_an_eclipse_belongs_to_the_range_that_holds_its_greatest_moment(ask: Ask) -> None:
    (event,) = ask("eclipses", start="2026-08-10", end="2026-08-15", eclipses=["solar"])["events"]
    assert event["utc"] == "2026-08-12T17:45:59Z"
    assert ask("eclipses", start="2026-08-12T17:46:01Z", end="2026-08-13", eclipses=["solar"])["events"] == []
    assert len(ask("eclipses", start="2026-08-12T17:45:55Z", end="2026-08-13", eclipses=["solar"])["events"]) == 1
    assert ask("eclipses", start="2026-08-12", end="2026-08-12T17:45:57Z", eclipses=["solar"])["events"] == []


@pytest.mark.parametrize("latitude", [-90, 52.5, 90])
@pytest.mark.parametrize(("start", "end"), [("-2999-01-01", "-2998-01-01"), ("2998-12-31", "2999-12-31T23:59:59Z")])
def test_a_place_is_told_of_eclipses_to_both_ends_of_the_ephemeris(ask: Ask, latitude: float, start: str, end: str) -> None:
    found = ask("eclipses", start=start, end=end, latitude=latitude, longitude=13.4)["events"]
    assert 4 <= len(found) <= 7
    assert {event["local"]["visible"] for event in found} == {True, False}


def test_a_station_is_where_the_longitude_turns(ask: Ask, longitude: Callable[..., float]) -> None:
    for event in ask("stations")["events"]:
        around = [longitude(event["body"], event["julian_day_tt"] + off) for off in (-1, 0, 1)]
        extreme = max if event["turns"] == "retrograde" else min
        assert extreme(around) == around[1]


@pytest.mark.parametrize(("body", "years", "count"), [("mercury", 20, 126), ("chiron", 20, 40), ("true_node", 2, 106)])
def test_stations_alternate(ask: Ask, body: str, years: int, count: int) -> None:
    found = ask("stations", start="2000-01-01", end=f"{2000 + years}-01-01", bodies=[body])["events"]
    assert all(first["turns"] != second["turns"] for first, second in pairwise(found))
    assert len(found) == pytest.approx(count, abs=3)


def test_a_retrograde_body_enters_a_sign_again(ask: Ask) -> None:
    """Saturn in 2023 to 2026: into Aries, back into Pisces, into Aries."""
    found = ask("ingresses", start="2025-01-01", end="2026-12-31", bodies=["saturn"])["events"]
    assert [(event["from_sign"], event["to_sign"], event["motion"], event["pass"], event["passes"]) for event in found] == [
        ("pisces", "aries", "direct", 1, 3),
        ("aries", "pisces", "retrograde", 2, 3),
        ("pisces", "aries", "direct", 3, 3),
    ]


def test_nothing_is_lost_or_doubled_where_two_ranges_meet(ask: Ask) -> None:
    (whole,) = ask("ingresses", bodies=["sun"], start="2026-03-19", end="2026-03-22")["events"]
    for cut in ("2026-03-20T14:45:56Z", "2026-03-20T14:45:57Z", "2026-03-20T14:45:58Z"):
        parts = [ask("ingresses", bodies=["sun"], start=a, end=b)["events"] for a, b in (("2026-03-19", cut), (cut, "2026-03-22"))]
        assert [event["utc"] for event in parts[0] + parts[1]] == [whole["utc"]]


@pytest.mark.parametrize("body", ["mercury", "pluto"])
def test_no_station_is_lost_or_doubled_where_two_ranges_meet(ask: Ask, body: str) -> None:
    whole = ask("stations", bodies=[body])["events"]
    for station in whole:
        cut = station["utc"]
        parts = [ask("stations", bodies=[body], start=a, end=b)["events"] for a, b in (("2026-01-01", cut), (cut, "2027-01-01"))]
        assert [event["utc"] for event in parts[0] + parts[1]] == [event["utc"] for event in whole]


def test_beyond_the_files_a_body_without_a_place_is_named_and_the_others_are_marked(ask: Ask) -> None:
    found = ask("ingresses", start="1700-01-01", end="1701-01-01", bodies=["sun", "chiron", "mean_node"])
    assert found["unavailable"] == [{"body": "chiron", "why": "outside_file_range"}]
    (lesser,) = found["degraded"]
    assert lesser["why"] == "outside_file_range"
    assert lesser["detail"].startswith("sun, chiron were not computed from the ephemeris files")
    assert len([event for event in found["events"] if event["body"] == "sun"]) == 12


def test_a_range_that_leaves_the_files_is_degraded_and_one_within_is_not(ask: Ask) -> None:
    assert ask("lunations", start="1799-12-01", end="1800-02-01")["degraded"][0]["why"] == "outside_file_range"
    assert ask("lunations", start="1800-02-01", end="1800-03-01")["degraded"] == []


def test_moshier_asked_for_is_told_and_close(ask: Ask) -> None:
    files, moshier = (ask("lunations", ephemeris=mode) for mode in ("files", "moshier"))
    assert moshier["degraded"][0]["why"] == "moshier_requested"
    assert moshier["provenance"]["ephemeris_mode"] == "moshier"
    pairs = zip(files["events"], moshier["events"], strict=True)
    assert all(abs(a["julian_day_tt"] - b["julian_day_tt"]) < 2 * TEN_SECONDS for a, b in pairs)


def test_what_never_stands_still_has_no_stations() -> None:
    for body in ("sun", "moon", "mean_node", "mean_lilith", "earth"):
        with pytest.raises(InvalidRequest) as refused:
            TECHNIQUES["stations"].parse({"start": "2026-01-01", "end": "2027-01-01", "bodies": [body]})
        assert [problem.field for problem in refused.value.problems] == ["bodies"]


@pytest.mark.parametrize("name", ["stations", "ingresses", "lunations", "eclipses", "transits", "returns", "void-of-course", "rise-set"])
def test_a_range_that_is_too_long_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        TECHNIQUES[name].parse({"start": "1000-01-01", "end": "2500-01-01"})
    assert ("end", "range_too_long") in [(problem.field, problem.code) for problem in refused.value.problems]
