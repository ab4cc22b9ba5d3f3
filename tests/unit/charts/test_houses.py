"""Which house a longitude lies in, whichever way the cusps run."""

from __future__ import annotations

from backend.charts.engine.houses import house_finder
from backend.charts.engine.zodiac import DIGNITIES, opposite, sign_of
from backend.charts.vocabulary import Body, Sign


def test_houses_run_with_the_signs() -> None:
    house_of = house_finder([350 + 30 * number for number in range(12)])
    assert (house_of(350), house_of(349.99), house_of(5), house_of(20)) == (1, 12, 1, 2)


def test_sectors_run_against_the_signs() -> None:
    sector_of = house_finder([(100 - 10 * number) % 360 for number in range(36)])
    assert (sector_of(100), sector_of(95), sector_of(90), sector_of(101)) == (1, 1, 2, 36)


def test_folded_cusps_give_the_cusp_last_passed() -> None:
    house_of = house_finder([180, 180, 180, 221, 360, 360, 360, 360, 0, 41, 180, 170])
    assert house_of(230) == 4
    assert house_of(50) == 10


def test_dignities_mirror_each_other() -> None:
    signs = list(Sign)
    assert DIGNITIES[Body.MARS][signs.index(Sign.ARIES)] == ("domicile",)
    assert DIGNITIES[Body.MARS][signs.index(Sign.LIBRA)] == ("detriment",)
    assert DIGNITIES[Body.MERCURY][signs.index(Sign.VIRGO)] == ("domicile", "exaltation")
    assert DIGNITIES[Body.SUN][signs.index(Sign.LIBRA)] == ("fall",)
    assert DIGNITIES[Body.CHIRON] == ((),) * 12
    assert opposite(Sign.PISCES) is Sign.VIRGO
    assert sign_of(359.99999) is Sign.PISCES
