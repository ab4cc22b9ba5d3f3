"""The wheel: small, quick, sound, legible in each look, and told in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from random import Random
from typing import Any

import pytest

from backend.charts.document import to_document
from backend.charts.drawing.aspect_lines import STROKES, between
from backend.charts.drawing.charts_in import charts_in
from backend.charts.drawing.glyphs import STROKES as STROKES_OF
from backend.charts.drawing.looks import PALETTES, Look
from backend.charts.drawing.rings import ring_of
from backend.charts.drawing.wheel import alternative, draw_wheel
from backend.charts.vocabulary import Lot
from tests.unit.charts.conftest import Compute
from tests.unit.charts.drawing import sky
from tests.unit.charts.drawing.svg import SPACE, collisions, things

Document = dict[str, Any]


@pytest.fixture
def document(compute: Compute) -> Document:
    return to_document(compute(name="Anna"))


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("system", ["placidus", "gauquelin", "whole_sign"])
def test_a_wheel_is_small_and_well_formed(compute: Compute, look: Look, system: str) -> None:
    picture = draw_wheel([to_document(compute(house_system=system))], look)
    ET.fromstring(picture)
    assert len(picture.encode()) <= 30_000


def _full(chance: Random, stars: int) -> Document:
    named = [{"star": f"Star {index}", **sky.point(chance.uniform(0, 360))} for index in range(stars)]
    lots = {lot.value: sky.point(chance.uniform(0, 360)) for lot in Lot}
    return sky.chart(chance, bodies=22, name="N" * 200, lots=lots, stars=named)


@pytest.mark.parametrize("stars", [0, 50])
def test_the_fullest_three_charts_stay_below_60_kilobytes_and_still_do_not_meet(stars: int) -> None:
    chance = Random(11)
    picture = draw_wheel([_full(chance, stars) for _ in range(3)], Look.LIGHT)
    assert len(picture.encode()) <= 60_000
    assert collisions(things(picture)) == []


def test_a_ring_too_full_says_what_it_had_no_room_for_and_keeps_its_bodies() -> None:
    chart = _full(Random(3), 50)
    picture = draw_wheel([chart], Look.LIGHT)
    assert re.search(r"No room here for minutes and \d\d lots and stars", picture)
    assert all(STROKES_OF[body["body"]] in picture for body in chart["bodies"])
    assert all(f"Star {number} " in alternative([chart]) for number in range(50))


def test_the_same_documents_give_the_same_bytes(document: Document) -> None:
    assert draw_wheel([document], Look.DARK) == draw_wheel([document], Look.DARK)
    assert draw_wheel([document], Look.DARK) != draw_wheel([document], Look.LIGHT)


def test_it_is_an_image_with_a_title_and_its_words(document: Document) -> None:
    root = ET.fromstring(draw_wheel([document], Look.LIGHT))
    title, words = root[0], root[1]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {words.get('id')}"
    assert (title.tag, title.text) == (f"{SPACE}title", "Wheel: Anna")
    assert (words.tag, words.text) == (f"{SPACE}desc", alternative([document]))


def test_two_pictures_in_a_page_do_not_share_their_ids(document: Document) -> None:
    ids = [re.findall(r' id="(\w+)"', draw_wheel([document], look)) for look in Look if look is not Look.PRINT]
    assert len({*ids[0], *ids[1]}) == 4


@pytest.mark.parametrize("charts", [1, 2, 3])
def test_nothing_in_it_runs_or_comes_from_elsewhere(document: Document, charts: int) -> None:
    root = ET.fromstring(draw_wheel([document] * charts, Look.LIGHT))
    for element in root.iter():
        assert element.tag.removeprefix(SPACE) in {"svg", "title", "desc", "g", "path", "circle", "rect", "text"}
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name or name in ("style", "class")]
        assert not [value for value in element.attrib.values() if "url(" in value or "//" in value]


HOSTILE = "</title><script>alert(1)</script>&\"'<b>\x00\x07\u202eevil"


def test_hostile_names_are_words_and_nothing_else(document: Document) -> None:
    named = document | {"name": HOSTILE, "place": {"name": HOSTILE, "country": HOSTILE}}
    picture = draw_wheel([named, named], Look.LIGHT)
    root = ET.fromstring(picture)
    assert "<script" not in picture and "\u202e" not in picture and "\x00" not in picture
    assert "<script>alert(1)</script>" in (root[0].text or "")


def test_points_a_document_names_strangely_are_still_drawn(document: Document) -> None:
    odd = {"body": "<x>", **sky.point(12.5), "retrograde": True, "house": None}
    root = ET.fromstring(draw_wheel([document | {"bodies": [odd], "aspects": []}], Look.LIGHT))
    assert "<x>" in [text.text for text in root.iter(f"{SPACE}text")]


def test_the_words_say_what_the_picture_shows(document: Document) -> None:
    words = alternative([document])
    assert words.startswith("Wheel. Anna. 1990-06-15 14:30 UTC+1.")
    assert "Sun 24° 11′" in words and "Gemini, house 9" in words and ", retrograde" in words
    assert "Ascendant 11° 15′" in words and "Cusps, Placidus: 1 11° 15′" in words
    assert f"{len(document['aspects'])} aspects" in words
    assert words.index("Points:") < words.index("Angles:") < words.index("Cusps,") < words.index("aspects,")


def test_every_chart_of_several_is_told_in_turn(document: Document) -> None:
    words = alternative([document, document | {"name": "Bela"}])
    assert words.startswith("Bi-wheel. 2 charts, innermost first. Chart 1: Anna.")
    assert "Chart 2: Bela." in words


def test_a_chart_without_a_name_is_called_by_its_kind_and_its_instant(document: Document) -> None:
    bare = {"kind": "solar-return", "moment": {"utc": "2026-06-15T06:23:38Z"}, "bodies": document["bodies"]}
    assert alternative([bare]).startswith("Wheel. Solar return chart. 2026-06-15 06:23:38 UTC. 0° Aries at the left. Points: Sun")


def test_minutes_are_cut_and_never_become_a_degree(document: Document) -> None:
    late = {"body": "sun", **sky.point(29.99999), "retrograde": False, "house": 1}
    found = {thing.what for thing in things(draw_wheel([document | {"bodies": [late], "aspects": [], "lots": {}}], Look.LIGHT))}
    assert {"29°", "59′"} <= found and "60′" not in found


def test_without_a_birth_time_aries_is_at_the_left_and_the_wheel_says_so(compute: Compute) -> None:
    document = to_document(compute(time=None, time_known=False, house_system=None))
    ring, picture = ring_of(document), draw_wheel([document], Look.LIGHT)
    assert (ring.left, ring.cusps, ring.angles) == (0.0, (), {})
    shown = " ".join(thing.what for thing in things(picture))
    assert "1990-06-15, time unknown" in shown and "0° Aries at the left" in shown and "No houses" in shown
    assert "AC" not in [thing.what for thing in things(picture)]
    assert "Moon from 8° 10′" in alternative([document])


def test_houses_in_place_of_others_are_said_to_be_so(compute: Compute) -> None:
    document = to_document(compute(latitude=69.6, beyond_polar_circle="porphyry"))
    words = "Placidus houses do not exist at this latitude: Porphyry in their place"
    assert words in alternative([document])
    shown = " ".join(thing.what for thing in things(draw_wheel([document], Look.LIGHT)))
    assert words in shown and "Houses: Porphyry" in shown


def test_a_sidereal_chart_says_by_which_ayanamsa(compute: Compute) -> None:
    document = to_document(compute(zodiac="sidereal", ayanamsa="lahiri"))
    assert "Sidereal, Lahiri" in [thing.what for thing in things(draw_wheel([document], Look.LIGHT))]


def test_a_degraded_chart_says_why(document: Document) -> None:
    lesser = document | {"degraded": [{"what": "ephemeris", "why": "files_missing", "detail": "sun came from elsewhere", "since": None}]}
    assert "Degraded: sun came from elsewhere." in alternative([lesser])


def test_all_36_sectors_have_their_number(compute: Compute) -> None:
    picture = draw_wheel([to_document(compute(house_system="gauquelin"))] * 3, Look.PRINT)
    assert {str(number) for number in range(1, 37)} <= {thing.what for thing in things(picture)}


def test_each_kind_of_aspect_has_a_dash_of_its_own() -> None:
    assert len({stroke.dash for stroke in STROKES.values()}) == len(STROKES)


def test_print_is_black_on_white(document: Document) -> None:
    colours = set(re.findall(r'(?:fill|stroke)="(#[0-9A-Fa-f]+)"', draw_wheel([document], Look.PRINT)))
    assert colours == {"#000000", "#FFFFFF"}


@pytest.mark.parametrize("look", list(Look))
def test_contrast_is_enough_on_paper_and_on_panel(look: Look) -> None:
    palette = PALETTES[look]
    for ground in (palette.paper, palette.panel):
        for ink in (palette.ink, palette.soft, palette.hard, palette.flowing, palette.joining, palette.minor):
            assert _contrast(ink, ground) >= 4.5
    assert _contrast(palette.rule, palette.paper) >= 3


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_lines_between_two_charts_are_as_close_as_the_wheel_says(document: Document) -> None:
    one, other = ring_of(document), ring_of(document)
    found = between(one, other)
    assert {("sun", "sun", "conjunction"), ("moon", "moon", "conjunction")} <= {(each.first, each.second, each.kind) for each in found}
    assert all(abs(each.orb) <= 3 for each in found)


def test_an_outer_chart_brings_its_own_axes_as_points(document: Document) -> None:
    shown = [thing.what for thing in things(draw_wheel([document, document], Look.LIGHT))]
    assert shown.count("AC") == 2 and shown.count("MC") == 2 and shown.count("DC") == 1


def test_relations_hold_the_charts_of_their_wheels(document: Document) -> None:
    directed = [{"point": "sun", **sky.point(3)}, {"point": "midheaven", **sky.point(200)}]
    natal, moved = charts_in({"kind": "solar-arc", "natal": document, "directed": directed})
    progressed = charts_in({"kind": "progressions", "natal": document, "bodies": document["bodies"]})
    assert charts_in({"kind": "synastry", "first": document, "second": document}) == [document, document]
    assert (natal, ring_of(moved).points[0].longitude, ring_of(moved).angles["midheaven"].longitude) == (document, 3, 200)
    assert [chart.get("title") for chart in progressed] == [None, "Progressions of Anna"]
    assert charts_in(document) == [document]
    assert charts_in({"kind": "returns", "events": [{"chart": document}, {"chart": None}]}) == [document]
    assert charts_in({"kind": "transits", "events": []}) == []


def test_looks_differ_in_colours_only(document: Document) -> None:
    light, dark = (_without_colours(draw_wheel([document], look)) for look in (Look.LIGHT, Look.DARK))
    assert light == dark


def _without_colours(picture: str) -> str:
    return re.sub(r"#[0-9A-F]{6}", "", re.sub(r"\b[td][0-9a-f]{8}\b", "", picture))
