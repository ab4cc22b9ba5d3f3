"""Nothing stands on anything: all texts and glyphs of wheels of random charts, read back from the picture's bytes."""

from __future__ import annotations

import os
from random import Random

from backend.charts.drawing.looks import Look
from backend.charts.drawing.wheel import draw_wheel
from tests.support.figures import note
from tests.unit.charts.drawing.sky import chart
from tests.unit.charts.drawing.svg import collisions, things

CHARTS = int(os.environ.get("ASTROLABE_TRIALS", "1000"))


def test_no_two_glyphs_texts_or_numbers_meet_on_random_charts() -> None:
    chance, drawn, stood, largest = Random(2026), 0, 0, 0
    while drawn < CHARTS:
        charts = [chart(chance, houses=chance.random() > 0.05) for _ in range(chance.choice((1, 2, 3)))]
        picture = draw_wheel(charts, chance.choice(tuple(Look)))
        found = things(picture)
        assert collisions(found) == [], f"after {drawn} charts"
        drawn, stood, largest = drawn + len(charts), stood + len(found), max(largest, len(picture.encode()))
    assert stood > 30 * CHARTS
    assert largest <= 60_000
    note("no two texts or glyphs of a wheel meet", charts=drawn, texts_and_glyphs=stood, largest_picture_bytes=largest)
