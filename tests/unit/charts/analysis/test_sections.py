"""The parts of a document that rules make."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from backend.charts.analysis.section_schemas import SECTION_SCHEMAS
from backend.charts.analysis.sections import SECTIONS, section_of
from backend.charts.document import to_document
from backend.charts.vocabulary import Section
from tests.unit.charts.conftest import Compute

ALL = [section.value for section in SECTIONS]


def numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from numbers(each)
    elif isinstance(value, float):
        yield value


SHAPES = {
    "as born": {},
    "by night": {"time": "01:00"},
    "without a time": {"time": None, "time_known": False, "house_system": None},
    "from the sun": {"center": "heliocentric", "house_system": None},
    "without a sun": {"bodies": ["moon", "mars", "ceres", "mean_node"]},
    "sidereal": {"zodiac": "sidereal"},
}


def test_every_part_but_the_exact_times_is_a_rules() -> None:
    assert set(SECTIONS) == set(SECTION_SCHEMAS) == set(Section) - {Section.ASPECT_TIMES}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("section", SECTIONS)
def test_a_part_is_what_its_schema_says(compute: Compute, section: Section, shape: str) -> None:
    made = orjson.loads(orjson.dumps(section_of(section, compute(**SHAPES[shape]).value)))
    Draft202012Validator(SECTION_SCHEMAS[section]).validate(made)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_part_is_plain_json_and_the_same_each_time(compute: Compute, section: Section) -> None:
    made = section_of(section, compute().value)
    again = section_of(section, compute().value)
    assert orjson.dumps(made) == orjson.dumps(again)
    assert all(math.isfinite(each) and (each or math.copysign(1, each) > 0) and each != 360 for each in numbers(made))


def test_parts_stand_in_the_natal_document_when_asked_for(compute: Compute) -> None:
    assert not set(ALL) & set(to_document(compute()))
    document = to_document(compute(include=ALL))
    assert set(ALL) < set(document)
    assert document["dignities"]["planets"][0]["body"] == "sun"
    assert document["distributions"]["elements"]["fire"]["count"] == len(document["distributions"]["elements"]["fire"]["bodies"])


def test_without_a_time_nothing_is_said_that_needs_one(compute: Compute) -> None:
    document = to_document(compute(include=ALL, time=None, time_known=False, house_system=None))
    assert document["distributions"]["quadrants"] is None and document["distributions"]["hemispheres"] is None
    assert document["dignities"]["sect"] is None and document["dignities"]["angles"] == []
    assert document["dignities"]["planets"][0]["lords"]["triplicity"] is None
    assert "ascendant" not in {each["first"] for each in document["midpoints"]["midpoints"]}
    assert document["phases"]["moon"] is not None


def test_seen_from_the_sun_there_are_no_dignities_and_no_bounds(compute: Compute) -> None:
    document = to_document(compute(include=ALL, center="heliocentric", house_system=None))
    assert document["dignities"]["planets"] is None
    assert document["parallels"]["out_of_bounds"] is None
    assert document["phases"] == {"moon": None, "to_the_sun": None, "pace": None}


def test_without_a_sun_the_phases_are_unknown(compute: Compute) -> None:
    made = section_of(Section.PHASES, compute(bodies=["moon", "mars"]).value)
    assert made["moon"] is None and made["to_the_sun"] is None
