"""Room for crowded columns: order kept, least displacement, walls respected where there is room."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.charts.drawing.band import Ground, crowd
from backend.charts.drawing.columns import Column, Slot, clash
from backend.charts.drawing.dial import Dial, turn
from backend.charts.drawing.placing import Wall, place
from backend.charts.drawing.plan import plan_of
from backend.charts.drawing.rings import ring_of
from backend.charts.drawing.spreading import in_order
from tests.unit.charts.drawing import sky

DIAL = Dial(0, 0, 0)
LONGITUDES = st.lists(st.floats(0, 359.99), min_size=1, max_size=24)


def column(longitude: float, mark: float = 0.0) -> Column:
    return Column(longitude, (Slot(220, 18, 18), Slot(200, 20, 9), Slot(182, 15, 8)), mark)


def shown(longitudes: list[float], walls: list[Wall] | None = None) -> list[float]:
    placed = place([column(longitude) for longitude in longitudes], walls or [], DIAL)
    assert placed is not None
    return placed


def test_columns_that_have_room_stay_where_they_are() -> None:
    assert shown([10, 100, 200]) == pytest.approx([10, 100, 200])
    assert shown([5]) == [5]
    assert place([], [], DIAL) == []


def test_two_at_one_place_part_evenly_and_in_their_order() -> None:
    first, second = shown([100, 100])
    assert turn(first, 100) == pytest.approx(turn(100, second))
    assert 4 < turn(first, second) < 7


def test_the_end_of_the_circle_is_no_end() -> None:
    first, second = shown([359.5, 0.5])
    assert turn(first, second) > 4
    assert turn(first, 0) == pytest.approx(turn(0, second))


def test_a_point_stays_on_its_side_of_a_wall() -> None:
    before, after = shown([99.9, 100.1], [Wall(100.0)])
    assert turn(before, 100) > 2 and turn(100, after) > 2


def test_a_wall_falls_where_its_house_is_too_narrow_and_the_axis_stands() -> None:
    placed = shown([100, 102, 104, 106, 108], [Wall(98.0, True), Wall(110.0), Wall(278.0, True)])
    assert all(turn(98, each) > 2 for each in placed)
    assert turn(110, placed[-1]) > 2


def test_a_ring_of_more_bodies_than_it_holds_becomes_smaller() -> None:
    bodies = [{"body": "sun", **sky.point(degree)} for degree in range(0, 360, 3)]
    ring, band = ring_of({"bodies": bodies}), plan_of(3).bands[0]
    found = crowd(ring.points, Ground(band, [], DIAL))
    assert (len(found.placed), found.texts, found.left_out) == (120, 0, 0)
    assert found.band.sizes.glyph < band.sizes.glyph


def test_there_is_not_always_room() -> None:
    assert place([column(longitude) for longitude in range(0, 360, 4)], [], DIAL) is None


@settings(max_examples=40, deadline=None)
@given(LONGITUDES, st.lists(st.floats(0, 359.99), max_size=12), st.booleans())
def test_nothing_meets_and_the_order_is_kept(longitudes: list[float], walls: list[float], marked: bool) -> None:
    columns = [column(longitude, 8.0 if marked and index % 2 else 0.0) for index, longitude in enumerate(longitudes)]
    placed = place(columns, [Wall(each) for each in walls], DIAL)
    assert placed is not None
    boxes = [each.boxes(DIAL, at) for each, at in zip(columns, placed, strict=True)]
    assert not any(clash(boxes[one], boxes[other]) for one in range(len(boxes)) for other in range(one))
    order = sorted(range(len(columns)), key=lambda index: (longitudes[index] % 360, index))
    steps = [(placed[there] - placed[here]) % 360 for here, there in zip(order, [*order[1:], order[0]], strict=True)]
    assert len(columns) == 1 or sum(steps) == pytest.approx(360)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=10), st.floats(1, 20))
def test_no_other_places_that_keep_the_distance_are_nearer(wanted: list[float], gap: float) -> None:
    ordered = sorted(wanted)
    found = in_order(ordered, [gap] * (len(ordered) - 1), 0, 300 + gap * len(ordered))
    assert all(there - here >= gap - 1e-9 for here, there in pairwise(found))
    best = _cost(found, ordered)
    for index in range(len(found)):
        for step in (-0.5, 0.5):
            moved = [place_ + (step if position == index else 0) for position, place_ in enumerate(found)]
            if moved[0] >= 0 and all(there - here >= gap for here, there in pairwise(moved)):
                assert _cost(moved, ordered) >= best - 1e-6
    together = [place_ + 0.5 for place_ in found]
    assert _cost(together, ordered) >= best - 1e-6 or found[-1] + 0.5 > 300 + gap * len(ordered)


def _cost(places: list[float], wanted: list[float]) -> float:
    return sum((one - other) ** 2 for one, other in zip(places, wanted, strict=True))
