"""The wheel, the grid and their words."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.document import to_document
from backend.charts.vocabulary import AspectKind, Body, Sign
from components.chart_glyphs import STROKES, glyph
from components.chart_spread import spread
from components.chart_wheel import alternative, aspect_grid, wheel
from tests.unit.charts.conftest import Compute


@pytest.fixture
def document(compute: Compute) -> dict[str, Any]:
    return to_document(compute())


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("system", ["placidus", "gauquelin", "whole_sign"])
def test_a_wheel_is_small_and_well_formed(compute: Compute, theme: str, system: str) -> None:
    picture = wheel(to_document(compute(house_system=system)), theme)
    ET.fromstring(picture)
    assert len(picture.encode()) <= 60_000


def test_a_wheel_is_drawn_quickly(document: dict[str, Any]) -> None:
    wheel(document, "light")
    began = time.process_time()
    for _ in range(20):
        wheel(document, "light")
    assert (time.process_time() - began) / 20 <= 0.015


def test_the_grid_has_a_cell_for_each_pair(document: dict[str, Any]) -> None:
    picture = ET.fromstring(aspect_grid(document, "dark"))
    assert len(picture.findall("{http://www.w3.org/2000/svg}rect")) == 13 * 12 / 2


def test_the_words_say_what_the_picture_shows(document: dict[str, Any]) -> None:
    words = alternative(document)
    assert words.startswith("Natal wheel. Ascendant")
    assert "Sun 24° 11′" in words and "Gemini, house 9" in words and "retrograde" in words
    assert f"{len(document['aspects'])} aspects" in words


def test_everything_drawn_has_its_own_strokes() -> None:
    assert {*Body, *Sign, *AspectKind} <= set(STROKES)
    assert "<text" in glyph("<x>", 0, 0, 10, "#000") and "<x>" not in glyph("<x>", 0, 0, 10, "#000")


def test_glyphs_that_have_room_stay_where_they_are() -> None:
    assert spread([10, 100, 200], 8) == pytest.approx([10, 100, 200])
    assert spread([5], 8) == [5]


def test_crowded_glyphs_part_evenly() -> None:
    assert spread([100, 100, 300], 8) == pytest.approx([96, 104, 300])
    assert spread([359, 1], 8) == pytest.approx([356, 4])


@given(st.lists(st.floats(0, 359.99), min_size=2, max_size=19))
def test_neighbours_keep_their_distance(angles: list[float]) -> None:
    shown = sorted(spread(angles, 5))
    gaps = [(there - here) % 360 for here, there in zip(shown, [*shown[1:], shown[0]], strict=True)]
    assert min(gaps[:-1]) >= 5 - 1e-6
