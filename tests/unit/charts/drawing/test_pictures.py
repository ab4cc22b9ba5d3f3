"""Aspect grid, graphical ephemeris and timeline: what stands in them, where, and in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from backend.charts.drawing.aspect_grid import draw_grid
from backend.charts.drawing.canvas import shortened
from backend.charts.drawing.ephemeris_graph import BOTTOM, LEFT, MODULI, RIGHT, TOP, draw_ephemeris
from backend.charts.drawing.glyphs import STROKES
from backend.charts.drawing.looks import Look
from backend.charts.drawing.time_axis import Axis, date_words, day_of
from backend.charts.drawing.timeline import _SLOWNESS, MOST_ROWS, draw_timeline
from backend.charts.events.pace import SEARCHABLE
from tests.unit.charts.drawing import sky
from tests.unit.charts.drawing.svg import SPACE, collisions, things

Document = dict[str, Any]
RANGE = {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}


def words_of(picture: str) -> str:
    return ET.fromstring(picture).findtext(f"{SPACE}desc") or ""


def natal(**changes: Any) -> Document:
    bodies = [{"body": name, **sky.point(longitude)} for name, longitude in (("sun", 10), ("moon", 99.5), ("mars", 131.0), ("saturn", 204))]
    return {"kind": "natal", "name": "Anna", "bodies": bodies, "aspects": sky.aspects(bodies), **changes}


@pytest.mark.parametrize("look", list(Look))
def test_the_stairs_have_a_cell_for_each_pair_and_the_orb_in_those_with_an_aspect(look: Look) -> None:
    picture = draw_grid(natal(), look)
    frames = re.search(r'<path d="((?:M[^"M]*h34v34h-34z)+)"', picture)
    assert frames and frames[1].count("M") == 6
    shown = [thing.what for thing in things(picture)]
    assert "0.5°a" in shown and "1.0°a" in shown
    assert collisions(things(picture)) == []
    assert words_of(picture).startswith("Aspect grid: Anna. 3 aspects, closest first: Sun square Moon 0.5°, applying; Sun trine Mars 1.0°")


def test_a_chart_without_aspects_has_an_empty_grid() -> None:
    assert words_of(draw_grid(natal(aspects=[]), Look.LIGHT)) == "Aspect grid: Anna. 0 aspects."


def test_a_synastry_is_a_table_with_the_first_chart_down_and_angles_where_they_are_named() -> None:
    between = [{"first": "sun", "second": "ascendant", "aspect": "trine", "orb_degrees": -0.4, "phase": None}]
    second = natal(name="Bela", angles={"ascendant": sky.point(130.6)})
    picture = draw_grid({"kind": "synastry", "first": natal(), "second": second, "aspects": between}, Look.DARK)
    assert [thing.what for thing in things(picture)].count("AC") == 1
    assert words_of(picture) == "Aspect grid: Anna down, Bela across. 1 aspect: Sun trine Ascendant 0.4°."
    assert "applying" not in picture


def test_a_progression_is_a_table_of_natal_points_against_moving_ones() -> None:
    to_natal = [{"first": "mars", "second": "sun", "aspect": "trine", "orb_degrees": 0.2, "phase": "applying"}]
    document = natal(kind="progressions", natal=natal(), aspects_to_natal=to_natal)
    assert "Sun trine Mars 0.2°, applying" in words_of(draw_grid(document, Look.LIGHT))


def ephemeris(bodies: dict[str, tuple[float, float]], days: int = 360, step: int = 5) -> Document:
    """Bodies that start somewhere and move evenly."""
    rows = []
    for day in range(0, days, step):
        month, date = divmod(day, 30)
        positions = [
            {"body": body, "longitude_degrees": (start + speed * day) % 360, "speed_degrees_per_day": speed}
            for body, (start, speed) in bodies.items()
        ]
        rows.append({"utc": f"2026-{month + 1:02d}-{min(date + 1, 28):02d}T00:00:00Z", "positions": positions})
    return {"kind": "ephemeris", "range": RANGE, "settings": {"zodiac": "tropical"}, "rows": rows}


@pytest.mark.parametrize("modulus", MODULI)
@pytest.mark.parametrize("look", list(Look))
def test_lines_stay_within_the_frame(modulus: int, look: Look) -> None:
    picture = draw_ephemeris(ephemeris({"sun": (280, 0.98), "saturn": (357, 0.03), "pluto": (303, -0.02)}), look, modulus)
    paths = [path.get("d", "") for path in ET.fromstring(picture).findall(f"{SPACE}path")]
    spots = [tuple(map(float, spot)) for path in paths for spot in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]
    inner = [(x, y) for x, y in spots if LEFT <= x <= RIGHT]
    assert inner and all(TOP - 0.1 <= y <= BOTTOM + 0.1 for _, y in inner)


def test_a_line_leaves_at_one_side_and_comes_in_at_the_other() -> None:
    picture = draw_ephemeris(ephemeris({"jupiter": (80, 0.1)}), Look.LIGHT, 90)
    assert re.search(rf"L([\d.]+) {BOTTOM:g}M\1 {TOP:g}L", picture)


def test_backward_motion_is_a_broken_line() -> None:
    direct = draw_ephemeris(ephemeris({"saturn": (10, 0.05)}), Look.PRINT)
    backward = draw_ephemeris(ephemeris({"saturn": (40, -0.05)}), Look.PRINT)
    assert "stroke-dasharray" not in direct and "stroke-dasharray" in backward
    assert "Saturn from 10° 00′ 00″ Aries" in words_of(direct) and "retrograde" in words_of(backward)


def test_where_motion_turns_the_body_is_named_again() -> None:
    document = ephemeris({"saturn": (40, 0.05)})
    for row in document["rows"][36:]:
        day = day_of(row["utc"]) - day_of(document["rows"][36]["utc"])
        row["positions"][0] |= {"longitude_degrees": 49 - 0.05 * day, "speed_degrees_per_day": -0.05}
    picture = draw_ephemeris(document, Look.LIGHT)
    marks = [thing for thing in things(picture) if thing.what == STROKES["saturn"] and LEFT < thing.x < RIGHT]
    assert len(marks) == 1
    assert "turns once" in words_of(picture)


def test_a_body_too_fast_for_the_range_is_left_out_and_named() -> None:
    picture = draw_ephemeris(ephemeris({"moon": (0, 13.2), "sun": (280, 0.98)}, step=2), Look.LIGHT, 45)
    assert "Too fast to be drawn here: Moon." in [thing.what for thing in things(picture)]
    assert "Not drawn, too fast: Moon." in words_of(picture)


def test_labels_at_the_ends_do_not_meet() -> None:
    crowd = {
        body: (100.0 + index * 0.2, 0.01) for index, body in enumerate(("sun", "mars", "jupiter", "saturn", "uranus", "neptune", "pluto"))
    }
    assert collisions(things(draw_ephemeris(ephemeris(crowd), Look.LIGHT, 360))) == []


def test_an_ephemeris_without_rows_is_an_empty_frame() -> None:
    assert "no data" in words_of(draw_ephemeris({"kind": "ephemeris", "range": RANGE, "settings": {}, "rows": []}, Look.LIGHT))


def transits(*events: tuple[str, str, str, str, str]) -> Document:
    names = ("utc", "body", "aspect", "point", "motion")
    return {"kind": "transits", "range": RANGE, "events": [dict(zip(names, event, strict=True)) for event in events]}


def test_a_contact_has_one_row_with_a_mark_and_a_date_for_each_time() -> None:
    saturn = [("2026-04-03T10:00:00Z", "direct"), ("2026-08-20T01:00:00Z", "retrograde"), ("2026-12-28T05:00:00Z", "direct")]
    picture = draw_timeline(transits(*((utc, "saturn", "square", "midheaven", motion) for utc, motion in saturn)), Look.PRINT)
    shown = [thing.what for thing in things(picture)]
    assert {"3 Apr", "20 Aug", "28 Dec", "MC", "Saturn square Midheaven"} <= set(shown)
    hollow = [path for path in ET.fromstring(picture).iter(f"{SPACE}path") if path.get("fill") == "#FFFFFF"]
    assert [path.get("d", "").count("M") for path in hollow] == [1]
    assert words_of(picture).endswith("1 contact: Saturn square Midheaven 3 Apr 2026, 20 Aug 2026 retrograde, 28 Dec 2026.")


@pytest.mark.parametrize(
    ("end", "shown"), [("2026-02-05T00:00:00Z", "1 Feb 14:05"), ("2027-01-27T00:00:00Z", "1 Feb"), ("2030-01-27T00:00:00Z", "1 Feb 2026")]
)
def test_a_date_is_as_exact_as_the_scale(end: str, shown: str) -> None:
    document = transits(("2026-02-01T14:05:09Z", "mars", "trine", "sun", "direct"))
    document["range"] = {"start": "2026-01-27T00:00:00Z", "end": end}
    assert shown in [thing.what for thing in things(draw_timeline(document, Look.LIGHT))]


def test_rows_follow_each_other_in_time() -> None:
    document = transits(
        ("2026-05-01T00:00:00Z", "mars", "trine", "sun", "direct"),
        ("2026-02-01T00:00:00Z", "pluto", "sextile", "moon", "direct"),
    )
    shown = {thing.what: thing.y for thing in things(draw_timeline(document, Look.LIGHT))}
    assert shown["Pluto sextile Moon"] < shown["Mars trine Sun"]


def test_dates_of_one_row_do_not_meet_and_too_many_are_counted() -> None:
    near = [(f"2026-06-{day:02d}T00:00:00Z", "mercury", "trine", "sun", "direct") for day in (1, 3, 5)]
    assert collisions(things(draw_timeline(transits(*near), Look.LIGHT))) == []
    many = [(f"2026-{month:02d}-{day:02d}T00:00:00Z", "moon", "trine", "sun", "direct") for month in range(1, 13) for day in (2, 15, 28)]
    picture = draw_timeline(transits(*many), Look.LIGHT)
    assert "36 times" in [thing.what for thing in things(picture)]
    assert collisions(things(picture)) == []


def test_only_so_many_rows_are_drawn_those_of_slow_bodies_and_the_rest_is_counted() -> None:
    chance = Random(3)
    events = [
        (f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}T00:00:00Z", body, "trine", f"point {index}", "direct")
        for body in ("moon", "pluto")
        for index in range(MOST_ROWS)
    ]
    picture = draw_timeline(transits(*events), Look.LIGHT)
    assert f"{MOST_ROWS} more are not drawn" in words_of(picture)
    assert "Moon" not in words_of(picture)


def test_no_contact_is_said_to_be_none() -> None:
    picture = draw_timeline(transits(), Look.LIGHT)
    assert "Transits, 1 Jan 2026 to 1 Jan 2027. No contact." in [thing.what for thing in things(picture)]
    assert words_of(picture) == "Transits, 1 Jan 2026 to 1 Jan 2027. 0 contacts."


def test_days_and_dates_of_far_years() -> None:
    assert day_of("2000-01-01T12:00:00Z") == 2451545.0
    assert day_of("-0001-03-01") == day_of("-0001-03-01T00:00:00Z")
    assert date_words("-0001-03-01") == "1 Mar -1"


@pytest.mark.parametrize(("first", "last"), [(0.0, 3.0), (0.0, 40.0), (0.0, 400.0), (0.0, 4000.0), (0.0, 40_000.0), (0.0, 1_000_000.0)])
def test_an_axis_has_some_labels_and_they_have_room(first: float, last: float) -> None:
    axis = Axis(2451545 + first, 2451545 + last, 0, 600)
    places = sorted(axis.x(day) for day, _ in axis.ticks())
    assert 1 <= len(places) <= 18
    assert all(there - here >= 30 for here, there in pairwise(places))


def test_hostile_names_are_words_in_every_picture() -> None:
    evil = "<script>x</script>"
    events = [("2026-02-01T00:00:00Z", evil, evil, evil, evil)]
    for picture in (
        draw_timeline(transits(*events), Look.LIGHT),
        draw_grid(natal(name=evil), Look.LIGHT),
        draw_ephemeris(ephemeris({evil: (1, 1)}), Look.LIGHT),
    ):
        ET.fromstring(picture)
        assert "<script" not in picture


@pytest.mark.parametrize("most", [-5, 0, 2, 3, 20])
def test_words_are_shortened_to_whatever_room_there_is(most: int) -> None:
    assert len(shortened("one; two & three; four", most).encode()) <= max(most, 0)


def test_every_body_that_transits_has_its_slowness() -> None:
    assert sorted(_SLOWNESS) == sorted(body.value for body in SEARCHABLE)
