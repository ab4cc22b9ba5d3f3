"""Lots: places of the zodiac that keep from the Ascendant the distance of two others; a table of formulas with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from backend.charts.rounding import around
from backend.charts.vocabulary import Body, Lot

Term = Body | Lot | float
"""A body, another lot, or a fixed degree of the zodiac."""


class Arc(NamedTuple):
    """From one place to another with the zodiac; cast from the Ascendant it ends at the lot."""

    start: Term
    end: Term
    shorter: bool = False

    @property
    def reversed(self) -> Arc:
        return Arc(self.end, self.start, self.shorter)

    def degrees(self, start: float, end: float) -> float:
        """The arc from 0 to 360; where the shorter way counts, whichever direction, from 0 to 180."""
        arc = around(end - start)
        return min(arc, 360 - arc) if self.shorter else arc


class Formula(NamedTuple):
    """How a lot is cast by day and by night, and who says so."""

    by_day: Arc
    by_night: Arc
    source: str


_PAULUS = "Paulus Alexandrinus, Introduction, chapter 23"
_BIRUNI = "al-Biruni, Book of Instruction, section 476"
_ARIES_19, _TAURUS_3, _CANCER_15 = 19.0, 33.0, 105.0


def _turning(start: Term, end: Term, source: str, *, shorter: bool = False) -> Formula:
    """A lot that is reversed by night."""
    arc = Arc(start, end, shorter)
    return Formula(arc, arc.reversed, source)


def _constant(start: Term, end: Term, source: str) -> Formula:
    """A lot that is cast alike by day and by night."""
    arc = Arc(start, end)
    return Formula(arc, arc, source)


FORMULAS: dict[Lot, Formula] = {
    Lot.FORTUNE: _turning(Body.SUN, Body.MOON, f"{_PAULUS}; Valens II 3"),
    Lot.SPIRIT: _turning(Body.MOON, Body.SUN, _PAULUS),
    Lot.EROS: _turning(Lot.SPIRIT, Body.VENUS, _PAULUS),
    Lot.NECESSITY: _turning(Body.MERCURY, Lot.FORTUNE, _PAULUS),
    Lot.COURAGE: _turning(Body.MARS, Lot.FORTUNE, _PAULUS),
    Lot.VICTORY: _turning(Lot.SPIRIT, Body.JUPITER, _PAULUS),
    Lot.NEMESIS: _turning(Body.SATURN, Lot.FORTUNE, _PAULUS),
    Lot.EROS_OF_VALENS: _turning(Lot.FORTUNE, Lot.SPIRIT, "Valens IV 25"),
    Lot.NECESSITY_OF_VALENS: _turning(Lot.SPIRIT, Lot.FORTUNE, "Valens IV 25"),
    Lot.BASIS: _turning(Lot.FORTUNE, Lot.SPIRIT, "Valens II 23: the shorter of the two arcs", shorter=True),
    Lot.EXALTATION: Formula(Arc(Body.SUN, _ARIES_19), Arc(Body.MOON, _TAURUS_3), "Valens II 19"),
    Lot.FATHER: _turning(Body.SUN, Body.SATURN, "Dorotheus I; " + _PAULUS),
    Lot.MOTHER: _turning(Body.VENUS, Body.MOON, "Dorotheus I; " + _PAULUS),
    Lot.SIBLINGS: _constant(Body.SATURN, Body.JUPITER, "Dorotheus I"),
    Lot.CHILDREN: _turning(Body.JUPITER, Body.SATURN, "Dorotheus II"),
    Lot.MARRIAGE_OF_MEN: _constant(Body.SATURN, Body.VENUS, "Dorotheus II"),
    Lot.MARRIAGE_OF_WOMEN: _constant(Body.VENUS, Body.SATURN, "Dorotheus II"),
    Lot.ILLNESS: _turning(Body.SATURN, Body.MARS, _BIRUNI),
    Lot.TRAVEL_BY_WATER: _turning(Body.SATURN, _CANCER_15, _BIRUNI),
}


@cache
def bodies_of(lots: tuple[Lot, ...]) -> frozenset[Body]:
    """Every body that these lots are cast from, through other lots too."""
    terms = [term for lot in lots for arc in FORMULAS[lot][:2] for term in arc[:2]]
    inner = tuple(term for term in terms if isinstance(term, Lot))
    return frozenset(term for term in terms if isinstance(term, Body)) | (bodies_of(inner) if inner else frozenset())


def cast_lots(wanted: Iterable[Lot], ascendant: float, longitudes: Mapping[Body, float], *, by_day: bool) -> dict[Lot, float]:
    """The longitude of each lot, all in degrees of one zodiac; a lot is left out where a body of its formula is."""
    found = {lot: _cast(lot, ascendant, longitudes, by_day) for lot in wanted}
    return {lot: longitude for lot, longitude in found.items() if longitude is not None}


def _cast(lot: Lot, ascendant: float, longitudes: Mapping[Body, float], by_day: bool) -> float | None:
    formula = FORMULAS[lot]
    arc = formula.by_day if by_day else formula.by_night
    start, end = _place(arc.start, ascendant, longitudes, by_day), _place(arc.end, ascendant, longitudes, by_day)
    return None if start is None or end is None else around(ascendant + arc.degrees(start, end))


def _place(term: Term, ascendant: float, longitudes: Mapping[Body, float], by_day: bool) -> float | None:
    match term:
        case Body():
            return longitudes.get(term)
        case Lot():
            return _cast(term, ascendant, longitudes, by_day)
        case degrees:
            return degrees
