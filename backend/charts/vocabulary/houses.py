"""House systems, and what is done where one has no meaning."""

from __future__ import annotations

from enum import StrEnum


class HouseSystem(StrEnum):
    PLACIDUS = "placidus"
    KOCH = "koch"
    REGIOMONTANUS = "regiomontanus"
    CAMPANUS = "campanus"
    PORPHYRY = "porphyry"
    ALCABITIUS = "alcabitius"
    TOPOCENTRIC = "topocentric"
    EQUAL = "equal"
    EQUAL_MC = "equal_mc"
    EQUAL_ARIES = "equal_aries"
    VEHLOW = "vehlow"
    WHOLE_SIGN = "whole_sign"
    MERIDIAN = "meridian"
    MORINUS = "morinus"
    AZIMUTHAL = "azimuthal"
    KRUSINSKI = "krusinski"
    SRIPATI = "sripati"
    CARTER = "carter"
    PULLEN_SD = "pullen_sd"
    PULLEN_SR = "pullen_sr"
    SAVARD_A = "savard_a"
    APC = "apc"
    SUNSHINE = "sunshine"
    SUNSHINE_MAKRANSKY = "sunshine_makransky"
    GAUQUELIN = "gauquelin"


HOUSE_SYSTEM_TITLES: dict[HouseSystem, str] = {
    HouseSystem.PLACIDUS: "Placidus",
    HouseSystem.KOCH: "Koch",
    HouseSystem.REGIOMONTANUS: "Regiomontanus",
    HouseSystem.CAMPANUS: "Campanus",
    HouseSystem.PORPHYRY: "Porphyry",
    HouseSystem.ALCABITIUS: "Alcabitius",
    HouseSystem.TOPOCENTRIC: "Topocentric (Polich-Page)",
    HouseSystem.EQUAL: "Equal from the Ascendant",
    HouseSystem.EQUAL_MC: "Equal from the Midheaven",
    HouseSystem.EQUAL_ARIES: "Equal from 0° Aries",
    HouseSystem.VEHLOW: "Vehlow equal",
    HouseSystem.WHOLE_SIGN: "Whole sign",
    HouseSystem.MERIDIAN: "Meridian (axial rotation)",
    HouseSystem.MORINUS: "Morinus",
    HouseSystem.AZIMUTHAL: "Azimuthal (horizon)",
    HouseSystem.KRUSINSKI: "Krusinski-Pisa-Goelzer",
    HouseSystem.SRIPATI: "Sripati",
    HouseSystem.CARTER: "Carter poli-equatorial",
    HouseSystem.PULLEN_SD: "Pullen sinusoidal delta",
    HouseSystem.PULLEN_SR: "Pullen sinusoidal ratio",
    HouseSystem.SAVARD_A: "Savard A",
    HouseSystem.APC: "APC",
    HouseSystem.SUNSHINE: "Sunshine (Treindl)",
    HouseSystem.SUNSHINE_MAKRANSKY: "Sunshine (Makransky)",
    HouseSystem.GAUQUELIN: "Gauquelin sectors (36)",
}


NOT_BEYOND_POLAR_CIRCLE = frozenset({HouseSystem.PLACIDUS, HouseSystem.KOCH, HouseSystem.GAUQUELIN})
"""House systems without a meaning where some degrees of the ecliptic never rise; they are refused there.

Sunshine (Makransky) is refused too, but only on days on which the Sun does not rise or set.
"""


class BeyondPolarCircle(StrEnum):
    """What is done where the house system asked for has no meaning: refused, or this one in its place."""

    REFUSE = "refuse"
    PORPHYRY = "porphyry"
    EQUAL = "equal"
    WHOLE_SIGN = "whole_sign"


BEYOND_POLAR_CIRCLE_TITLES: dict[BeyondPolarCircle, str] = {
    BeyondPolarCircle.REFUSE: "Refuse",
    BeyondPolarCircle.PORPHYRY: "Use Porphyry",
    BeyondPolarCircle.EQUAL: "Use equal houses",
    BeyondPolarCircle.WHOLE_SIGN: "Use whole signs",
}
