"""Glyphs: everything has one, and its ink stays in its box."""

from __future__ import annotations

import pytest

from backend.charts.drawing.glyphs import INK, STROKES, glyph, glyphs
from backend.charts.vocabulary import AspectKind, Body, Lot, Sign
from tests.unit.charts.drawing.ink import spots

_HALF_OF_THE_THICKEST_STROKE = 1.2


def test_everything_drawn_has_its_own_strokes() -> None:
    assert {*Body, *Sign, *AspectKind, *Lot, "star", "retrograde"} <= set(STROKES)


def test_no_two_points_share_their_strokes() -> None:
    assert len({STROKES[name] for name in (*Body, *Lot, *Sign, *AspectKind)}) == len([*Body, *Lot, *Sign, *AspectKind])


@pytest.mark.parametrize("name", sorted(STROKES))
def test_the_ink_of_a_glyph_stays_in_its_box(name: str) -> None:
    found = spots(STROKES[name])
    reach = max(max(abs(spot.real - 12), abs(spot.imag - 12)) for spot in found)
    assert reach + _HALF_OF_THE_THICKEST_STROKE <= INK / 2 + 1e-9
    assert reach > 4


def test_a_glyph_stands_around_its_middle() -> None:
    assert glyph("sun", 120, 60, INK).startswith('<path transform="translate(108 48)"')


def test_small_glyphs_are_never_drawn_with_a_stroke_that_fills_them() -> None:
    assert 'stroke-width="2.40"' in glyphs(glyph("sun", 0, 0, 6), 6, "#000", 1.4)
    assert glyphs("", 6, "#000") == ""
