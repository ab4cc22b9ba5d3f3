"""The page of natal charts names every choice, and its figures are those of the code and of the library."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.charts.engine.chart_settings import HIGHEST_METRES, LOWEST_METRES, MOST_STARS, SETTINGS_FIELDS, WIDEST_ORB
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.engine.library_numbers import AYANAMSAS
from backend.charts.engine.positions import Source
from backend.charts.vocabulary import (
    ASPECT_ANGLES,
    AYANAMSAS_OF_STARS,
    DEFAULT_ORBS,
    NOT_BEYOND_POLAR_CIRCLE,
    AspectKind,
    Ayanamsa,
    BeyondPolarCircle,
    Body,
    Center,
    HouseSystem,
    Section,
)

TEXT = (Path(__file__).parents[2] / "docs" / "charts" / "natal.md").read_text("utf-8")
PLANETS = tuple(Body)[:10]


@pytest.mark.parametrize("choices", [HouseSystem, Ayanamsa, BeyondPolarCircle, Center, Section, Source, SETTINGS_FIELDS])
def test_every_choice_is_named(choices: object) -> None:
    assert [each for each in choices if f"`{each}`" not in TEXT] == []  # type: ignore[attr-defined]


def test_every_body_is_defined() -> None:
    assert "`sun` … `pluto`" in TEXT
    assert [body for body in Body if body not in PLANETS and f"`{body}`" not in TEXT] == []


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"up to {MOST_STARS} names" in TEXT and f"0 to {WIDEST_ORB:g}" in TEXT
    assert f"−{-LOWEST_METRES:,.0f} to {HIGHEST_METRES:,.0f}" in TEXT


def test_the_orbs_are_those_of_the_code() -> None:
    for kind in AspectKind:
        assert f"| `{kind}` | {ASPECT_ANGLES[kind]:g}° | {DEFAULT_ORBS[kind]:g}° |" in TEXT


def test_the_ayanamsas_are_those_of_the_library() -> None:
    ephemeris = Ephemeris(DATA / "ephemeris")
    for name, number in AYANAMSAS.items():
        degrees = ephemeris.run(lambda sky, name=name: sky.ayanamsa(2451545.0, name, with_nutation=False))
        (held,) = re.findall(rf"^\| `{name}` \| {number} \| {degrees:.4f} \| (.+) \|$", TEXT, re.MULTILINE)
        assert (held != "an epoch") is (name in AYANAMSAS_OF_STARS)
    ephemeris.close()


def test_each_house_system_says_what_happens_beyond_the_polar_circle() -> None:
    rows = [line.split("|") for line in TEXT.splitlines() if re.fullmatch(r"\| `\w+`.*\|.+\| (none.*|computed) \|", line)]
    said = {name: row[3].strip() for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    assert set(said) == set(HouseSystem)
    for system in HouseSystem:
        refused = system in NOT_BEYOND_POLAR_CIRCLE or system is HouseSystem.SUNSHINE_MAKRANSKY
        assert said[system].startswith("none" if refused else "computed")
