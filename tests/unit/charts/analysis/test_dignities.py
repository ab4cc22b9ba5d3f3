"""Dignities, receptions and the almuten at places whose answer the tables give by hand."""

from __future__ import annotations

import pytest

from backend.charts.analysis.dignities import (
    Dignity,
    Reception,
    ReceptionKind,
    almuten,
    dignities_of,
    mutual_receptions,
    score,
)
from backend.charts.engine.zodiac import DIGNITIES
from backend.charts.vocabulary import CLASSICAL_PLANETS, SIGNS, Body

D = Dignity


@pytest.mark.parametrize(
    ("body", "longitude", "sect", "dignities", "points"),
    [
        (Body.SUN, 19.0, "day", (D.EXALTATION, D.TRIPLICITY, D.FACE), 8),
        (Body.SUN, 19.0, "night", (D.EXALTATION, D.FACE), 5),
        (Body.SUN, 19.0, None, (D.EXALTATION, D.FACE), 5),
        (Body.MERCURY, 155.0, "night", (D.DOMICILE, D.EXALTATION, D.BOUND), 11),
        (Body.SATURN, 1.0, "night", (D.FALL, D.PEREGRINE), -9),
        (Body.MARS, 32.0, "day", (D.DETRIMENT, D.PEREGRINE), -10),
        (Body.MERCURY, 345.0, "day", (D.DETRIMENT, D.FALL, D.PEREGRINE), -14),
        (Body.MERCURY, 347.0, "day", (D.BOUND, D.DETRIMENT, D.FALL), -7),
        (Body.JUPITER, 70.0, "day", (D.BOUND, D.DETRIMENT), -3),
        (Body.MOON, 300.0, "day", (D.PEREGRINE,), -5),
    ],
)
def test_dignities_by_hand(body: Body, longitude: float, sect: str | None, dignities: tuple[Dignity, ...], points: int) -> None:
    assert dignities_of(body, longitude, sect) == dignities
    assert score(dignities, ()) == points


@pytest.mark.parametrize("body", CLASSICAL_PLANETS)
def test_they_agree_with_those_of_the_natal_chart(body: Body) -> None:
    for number in range(12):
        found = {each.value for each in dignities_of(body, 30 * number + 15, None)}
        assert set(DIGNITIES[body][number]) <= found
        assert found & {"domicile", "exaltation", "detriment", "fall"} == set(DIGNITIES[body][number])


def test_the_sun_is_the_almuten_of_the_first_degree_by_day() -> None:
    """Sun: exaltation 4 and triplicity 3; Mars: domicile 5 and face 1."""
    assert almuten(0.5, "day") == (Body.SUN,)
    assert almuten(0.5, "night") == (Body.MARS,)


def test_an_even_sum_names_both() -> None:
    """10° to 15° Aquarius by night: Saturn has 5 by domicile; Mercury has triplicity 3 and, in its face, 1."""
    assert almuten(312.0, "night") == (Body.SATURN,)
    assert almuten(302.0, "night") == (Body.MERCURY, Body.SATURN)  # Mercury: triplicity 3 and bound 2


def test_mutual_receptions_by_domicile_exaltation_and_mixed() -> None:
    assert mutual_receptions({Body.MARS: 35.0, Body.VENUS: 5.0}) == (Reception(Body.VENUS, Body.MARS, ReceptionKind.DOMICILE),)
    assert mutual_receptions({Body.SUN: 35.0, Body.MOON: 5.0}) == (Reception(Body.SUN, Body.MOON, ReceptionKind.EXALTATION),)
    assert mutual_receptions({Body.MOON: 275.0, Body.MARS: 95.0}) == (Reception(Body.MOON, Body.MARS, ReceptionKind.MIXED),)
    assert mutual_receptions({Body.MOON: 15.0, Body.SATURN: 105.0}) == ()


def test_one_by_domicile_and_the_other_by_exaltation_is_mixed() -> None:
    """The Sun in Capricorn is in Mars's exaltation, Mars in Leo in the Sun's domicile."""
    assert mutual_receptions({Body.SUN: 275.0, Body.MARS: 125.0}) == (Reception(Body.SUN, Body.MARS, ReceptionKind.MIXED),)


def test_receptions_count_in_the_score() -> None:
    reception = Reception(Body.MARS, Body.VENUS, ReceptionKind.DOMICILE)
    assert score((D.DETRIMENT, D.PEREGRINE), (reception,)) == -5


def test_a_planet_in_its_own_sign_receives_nobody_there() -> None:
    assert mutual_receptions(dict.fromkeys(CLASSICAL_PLANETS, 125.0)) == ()
    assert len(SIGNS) == 12
