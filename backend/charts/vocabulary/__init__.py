"""The field's own words with their titles; importable without the ephemeris library, for forms and tables."""

from __future__ import annotations

from backend.charts.vocabulary.aspects import ASPECT_ANGLES, DEFAULT_ORBS, PTOLEMAIC_ASPECTS, AspectKind
from backend.charts.vocabulary.houses import (
    BEYOND_POLAR_CIRCLE_TITLES,
    HOUSE_SYSTEM_TITLES,
    NOT_BEYOND_POLAR_CIRCLE,
    BeyondPolarCircle,
    HouseSystem,
)
from backend.charts.vocabulary.parts import CALENDAR_TITLES, DEFAULT_LOTS, LOT_TITLES, SECTION_TITLES, Calendar, Lot, Section
from backend.charts.vocabulary.sky import (
    BODY_TITLES,
    CENTER_TITLES,
    CLASSICAL_PLANETS,
    DEFAULT_BODIES,
    MODE_TITLES,
    NOT_SEEN_FROM,
    Body,
    Center,
    Mode,
    bodies_seen_from,
)
from backend.charts.vocabulary.zodiac import AYANAMSA_TITLES, AYANAMSAS_OF_STARS, SIGNS, ZODIAC_TITLES, Ayanamsa, Sign, Zodiac, degrees_text

__all__ = [
    "ASPECT_ANGLES",
    "AYANAMSAS_OF_STARS",
    "AYANAMSA_TITLES",
    "BEYOND_POLAR_CIRCLE_TITLES",
    "BODY_TITLES",
    "CALENDAR_TITLES",
    "CENTER_TITLES",
    "CLASSICAL_PLANETS",
    "DEFAULT_BODIES",
    "DEFAULT_LOTS",
    "DEFAULT_ORBS",
    "HOUSE_SYSTEM_TITLES",
    "LOT_TITLES",
    "MODE_TITLES",
    "NOT_BEYOND_POLAR_CIRCLE",
    "NOT_SEEN_FROM",
    "PTOLEMAIC_ASPECTS",
    "SECTION_TITLES",
    "SIGNS",
    "ZODIAC_TITLES",
    "AspectKind",
    "Ayanamsa",
    "BeyondPolarCircle",
    "Body",
    "Calendar",
    "Center",
    "HouseSystem",
    "Lot",
    "Mode",
    "Section",
    "Sign",
    "Zodiac",
    "bodies_seen_from",
    "degrees_text",
]
