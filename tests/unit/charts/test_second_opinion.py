"""The second opinion: what is asked of the oracle, how both sides are compared, and what is said when there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.charts import oracle
from backend.charts.second_opinion import CONVENTIONS, SECONDS, Opinion, ask_aside, second_opinion, tolerance_arcseconds
from tests.console import fakes

DOCUMENT: dict[str, Any] = json.loads(Path(fakes.CHART).read_text("utf-8"))


def shifted(arcseconds: float) -> Any:
    """An oracle that sees the document's own longitudes, all moved."""

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        ours = {one["body"]: one for one in DOCUMENT["bodies"]}
        return {
            "places": {
                body: [(ours[body]["longitude_degrees"] - arcseconds / 3600) % 360, ours[body]["latitude_degrees"]]
                for body in question["bodies"]
            }
        }

    return ask


def test_the_planets_agree_with_jpl_to_the_stated_tolerance() -> None:
    opinion = second_opinion(DOCUMENT, oracle.answer)
    assert opinion.refusal == ""
    assert {one.body for one in opinion.differences} == set(oracle.TARGETS)
    assert opinion.agrees
    assert all(one.arcseconds != 0 for one in opinion.differences)
    sizes = [abs(one.arcseconds) for one in opinion.differences]
    assert sizes == sorted(sizes, reverse=True)


def test_the_oracle_answers_from_a_process_of_its_own() -> None:
    said = ask_aside({"julian_day_tt": DOCUMENT["moment"]["julian_day_tt"], "bodies": ["sun"]})
    ours = next(one for one in DOCUMENT["bodies"] if one["body"] == "sun")
    assert said["places"]["sun"][0] == pytest.approx(ours["longitude_degrees"], abs=0.005 / 3600)


@pytest.mark.parametrize("arcseconds", [0.6, -0.6, 3600.0])
def test_a_body_beyond_its_tolerance_does_not_agree(arcseconds: float) -> None:
    opinion = second_opinion(DOCUMENT, shifted(arcseconds))
    assert not opinion.agrees
    assert opinion.differences[0].arcseconds == pytest.approx(arcseconds, abs=1e-6)


def test_a_sidereal_chart_is_compared_in_the_tropical_zodiac() -> None:
    shift = 23.7
    bodies = [{**one, "longitude_degrees": (one["longitude_degrees"] - shift) % 360} for one in DOCUMENT["bodies"]]
    sidereal = {**DOCUMENT, "bodies": bodies, "settings": {**DOCUMENT["settings"], "ayanamsa_degrees_with_nutation": shift}}
    assert second_opinion(sidereal, shifted(0.0)).agrees


def test_the_difference_is_taken_the_short_way_round_the_circle() -> None:
    body = {**DOCUMENT["bodies"][0], "longitude_degrees": 0.0000001}
    opinion = second_opinion({**DOCUMENT, "bodies": [body]}, lambda _: {"places": {"sun": [359.9999999, body["latitude_degrees"]]}})
    assert abs(opinion.differences[0].arcseconds) < 0.001


@pytest.mark.parametrize(
    ("changed", "said", "words"),
    [
        ({"kind": "synastry"}, {}, "natal"),
        ({"settings": {"center": "heliocentric"}}, {}, "geocentric"),
        ({"bodies": [{"body": "chiron"}]}, {}, "none of the bodies"),
        ({}, {"why": "not_installed"}, "not installed"),
        ({}, {"why": "outside_kernel"}, "1550 to 2649"),
        ({}, {}, "try again"),
    ],
)
def test_where_there_is_no_second_opinion_a_sentence_says_why(changed: dict[str, Any], said: dict[str, Any], words: str) -> None:
    opinion = second_opinion({**DOCUMENT, **changed}, lambda _: said)
    assert opinion.differences == ()
    assert words in opinion.refusal
    assert opinion == Opinion(refusal=opinion.refusal)
    assert not opinion.agrees


def test_the_kernel_ends_where_the_sentence_says() -> None:
    for year, inside in ((1549, False), (1550, True), (2649, True), (2650, False)):
        julian_day = 2451545.0 + (year - 2000) * 365.2425 + 180
        assert ("places" in oracle.answer({"julian_day_tt": julian_day, "bodies": ["sun"]})) is inside


def test_moshiers_theory_may_differ_more_and_far_dates_too() -> None:
    modern, far = 2451545.0, 2378497.0
    assert tolerance_arcseconds("moon", "moshier", modern) > 100 * tolerance_arcseconds("moon", "swiss_ephemeris_files", modern)
    assert tolerance_arcseconds("pluto", "swiss_ephemeris_files", far) > tolerance_arcseconds("pluto", "swiss_ephemeris_files", modern)


def test_the_conventions_are_said_and_the_wait_is_bounded() -> None:
    for word in ("light time", "deflection", "aberration", "true ecliptic", "Terrestrial Time", "barycentre"):
        assert word in CONVENTIONS
    assert SECONDS <= 30
