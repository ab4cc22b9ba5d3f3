"""Tables of lords: complete, and in agreement with the sums the ancients give."""

from __future__ import annotations

from collections import Counter

import pytest

from backend.charts.analysis.lordships import BOUNDS, TRIPLICITIES, bound_lord, face_lord, lords_of
from backend.charts.vocabulary import SIGNS, Body, Sign

FLATLIB = """
aries ju6 ve12 me20 ma25 sa30 | ma so ve | so ju sa
taurus ve8 me14 ju22 sa27 ma30 | me mo sa | ve mo ma
gemini me6 ju12 ve17 ma24 sa30 | ju ma so | sa me ju
cancer ma7 ve13 me19 ju26 sa30 | ve me mo | ve ma mo
leo ju6 ve11 sa18 me24 ma30 | sa ju ma | so ju sa
virgo me7 ve17 ju21 ma28 sa30 | so ve me | ve mo ma
libra sa6 me14 ju21 ve28 ma30 | mo sa ju | sa me ju
scorpio ma7 ve11 me19 ju24 sa30 | ma so ve | ve ma mo
sagittarius ju12 ve17 me21 sa26 ma30 | me mo sa | so ju sa
capricorn me7 ju14 ve22 sa26 ma30 | ju ma so | ve mo ma
aquarius me7 ve13 ju20 ma25 sa30 | ve me mo | sa me ju
pisces ve12 ju16 me19 ma28 sa30 | sa ju ma | ve ma mo
"""
"""Bounds, faces and triplicities as flatlib 0.2.3 prints its own tables: another hand's copy of the same sources."""
SHORT = {
    Body.SUN: "so",
    Body.MOON: "mo",
    Body.MERCURY: "me",
    Body.VENUS: "ve",
    Body.MARS: "ma",
    Body.JUPITER: "ju",
    Body.SATURN: "sa",
}


def test_all_tables_are_those_of_another_hand() -> None:
    lines = []
    for number, sign in enumerate(SIGNS):
        start = 30 * number
        bounds = " ".join(f"{SHORT[body]}{end}" for body, end in BOUNDS[sign])
        faces = " ".join(SHORT[face_lord(start + each)] for each in (0, 10, 20))
        by_day, by_night = lords_of(start, "day"), lords_of(start, "night")
        lords = (by_day.triplicity, by_night.triplicity, by_day.participating)
        lines.append(f"{sign} {bounds} | {faces} | {' '.join(SHORT[body] for body in lords if body)}")
    assert lines == FLATLIB.split("\n")[1:-1]


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
