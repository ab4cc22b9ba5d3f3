"""Calendars, lots, and the parts of a document that are made when asked for."""

from __future__ import annotations

from enum import StrEnum


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    JULIAN = "julian"


CALENDAR_TITLES: dict[Calendar, str] = {Calendar.GREGORIAN: "Gregorian", Calendar.JULIAN: "Julian"}


class Lot(StrEnum):
    """Lots (Arabic parts); the formulas stand in ``analysis.lots``."""

    FORTUNE = "fortune"
    SPIRIT = "spirit"
    EROS = "eros"
    NECESSITY = "necessity"
    COURAGE = "courage"
    VICTORY = "victory"
    NEMESIS = "nemesis"
    BASIS = "basis"
    EXALTATION = "exaltation"
    FATHER = "father"
    MOTHER = "mother"
    SIBLINGS = "siblings"
    CHILDREN = "children"
    MARRIAGE_OF_MEN = "marriage_of_men"
    MARRIAGE_OF_WOMEN = "marriage_of_women"
    ILLNESS = "illness"
    TRAVEL_BY_WATER = "travel_by_water"
    EROS_OF_VALENS = "eros_of_valens"
    NECESSITY_OF_VALENS = "necessity_of_valens"


LOT_TITLES: dict[Lot, str] = {lot: f"Lot of {lot.value.replace('_', ' ')}" for lot in Lot} | {
    Lot.EROS_OF_VALENS: "Lot of eros (Valens)",
    Lot.NECESSITY_OF_VALENS: "Lot of necessity (Valens)",
}


DEFAULT_LOTS: tuple[Lot, ...] = (Lot.FORTUNE, Lot.SPIRIT)


class Section(StrEnum):
    """Parts of a chart's document that are made when asked for."""

    PATTERNS = "patterns"
    MIDPOINTS = "midpoints"
    PARALLELS = "parallels"
    DISTRIBUTIONS = "distributions"
    DIGNITIES = "dignities"
    PHASES = "phases"
    ASPECT_TIMES = "aspect_times"


SECTION_TITLES: dict[Section, str] = {section: section.value.replace("_", " ").capitalize() for section in Section}
