"""Tables of lords: complete, and in agreement with the sums the ancients give."""

from __future__ import annotations

from collections import Counter

import pytest

from backend.charts.analysis.lordships import BOUNDS, TRIPLICITIES, bound_lord, face_lord, lords_of
from backend.charts.vocabulary import SIGNS, Body, Sign


def test_the_egyptian_bounds_add_up_to_the_greater_years_of_the_planets() -> None:
    """Saturn 57, Jupiter 79, Mars 66, Venus 82, Mercury 76 (Ptolemy, Tetrabiblos I 20; Valens III 16): 360 in all."""
    sums: Counter[Body] = Counter()
    for parts in BOUNDS.values():
        start = 0
        for body, end in parts:
            sums[body] += end - start
            start = end
    assert sums == {Body.SATURN: 57, Body.JUPITER: 79, Body.MARS: 66, Body.VENUS: 82, Body.MERCURY: 76}


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_is_shared_by_the_five_planets(sign: Sign) -> None:
    ends = [end for _, end in BOUNDS[sign]]
    assert {body for body, _ in BOUNDS[sign]} == {Body.MERCURY, Body.VENUS, Body.MARS, Body.JUPITER, Body.SATURN}
    assert ends == sorted(ends) and ends[-1] == 30


def test_a_bound_begins_where_the_one_before_ends() -> None:
    assert bound_lord(5.9999999) is Body.JUPITER
    assert bound_lord(6.0) is Body.VENUS
    assert bound_lord(359.9999999) is Body.SATURN


def test_the_faces_begin_and_end_with_mars() -> None:
    """Mars holds the last face of Pisces and the first of Aries: 36 faces, seven planets."""
    assert [face_lord(10 * number) for number in range(4)] == [Body.MARS, Body.SUN, Body.VENUS, Body.MERCURY]
    assert face_lord(355.0) is Body.MARS
    assert Counter(face_lord(10 * number) for number in range(36)) == {
        Body.MARS: 6,
        Body.SUN: 5,
        Body.VENUS: 5,
        Body.MERCURY: 5,
        Body.MOON: 5,
        Body.SATURN: 5,
        Body.JUPITER: 5,
    }


def test_the_lord_of_the_triplicity_turns_with_the_sect() -> None:
    assert lords_of(10.0, "day").triplicity is Body.SUN
    assert lords_of(10.0, "night").triplicity is Body.JUPITER
    assert lords_of(10.0, None).triplicity is None
    assert {body for three in TRIPLICITIES.values() for body in three} == set(tuple(Body)[:7])
