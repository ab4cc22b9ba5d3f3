"""Nothing stands on anything: all texts and glyphs of wheels of random charts, read back from the picture's bytes."""

from __future__ import annotations

import os
from random import Random

from backend.charts.drawing.band import Ground, crowd
from backend.charts.drawing.dial import Dial
from backend.charts.drawing.houses import draw_cusps, walls
from backend.charts.drawing.looks import PALETTES, Look
from backend.charts.drawing.plan import MIDDLE, plan_of
from backend.charts.drawing.rings import ring_of
from backend.charts.drawing.wheel import draw_wheel
from tests.support.figures import note
from tests.unit.charts.drawing.sky import chart
from tests.unit.charts.drawing.svg import collisions, crossed, segments, things

CHARTS = int(os.environ.get("ASTROLABE_TRIALS", "250"))


def test_no_two_glyphs_texts_or_numbers_meet_on_random_charts() -> None:
    chance, drawn, stood, largest = Random(2026), 0, 0, 0
    while drawn < CHARTS:
        charts = [chart(chance, houses=chance.random() > 0.05) for _ in range(3 if chance.random() < 0.5 else chance.choice((1, 2)))]
        picture = draw_wheel(charts, chance.choice(tuple(Look)))
        found = things(picture)
        assert collisions(found) == [], f"after {drawn} charts"
        drawn, stood, largest = drawn + len(charts), stood + len(found), max(largest, len(picture.encode()))
    assert stood > 30 * CHARTS
    assert largest <= 60_000
    note("no two texts or glyphs of a wheel meet", charts=drawn, texts_and_glyphs=stood, largest_picture_bytes=largest)


def test_no_cusp_runs_through_what_stands_on_it() -> None:
    chance = Random(7)
    for _ in range(30):
        ring = ring_of(chart(chance))
        plan, dial = plan_of(1), Dial(*MIDDLE, ring.left)
        boxes = crowd(ring.points, Ground(plan.bands[0], walls(ring), dial)).boxes
        lines = segments(draw_cusps(ring, plan, dial, boxes, PALETTES[Look.LIGHT]))
        assert len(lines) >= 12
        assert crossed(lines, boxes) == []
