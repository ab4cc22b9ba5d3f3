"""The field's own words with their titles; importable without the ephemeris library, for forms and tables."""

from __future__ import annotations

from enum import StrEnum


class Body(StrEnum):
    SUN = "sun"
    MOON = "moon"
    MERCURY = "mercury"
    VENUS = "venus"
    MARS = "mars"
    JUPITER = "jupiter"
    SATURN = "saturn"
    URANUS = "uranus"
    NEPTUNE = "neptune"
    PLUTO = "pluto"
    MEAN_NODE = "mean_node"
    TRUE_NODE = "true_node"
    CHIRON = "chiron"
    MEAN_LILITH = "mean_lilith"
    OSCULATING_LILITH = "osculating_lilith"
    CERES = "ceres"
    PALLAS = "pallas"
    JUNO = "juno"
    VESTA = "vesta"


DEFAULT_BODIES: tuple[Body, ...] = tuple(Body)[:13]

BODY_TITLES: dict[Body, str] = {body: body.value.replace("_", " ").capitalize() for body in Body} | {
    Body.MEAN_LILITH: "Lilith (mean apogee)",
    Body.OSCULATING_LILITH: "Lilith (osculating apogee)",
}


class Sign(StrEnum):
    ARIES = "aries"
    TAURUS = "taurus"
    GEMINI = "gemini"
    CANCER = "cancer"
    LEO = "leo"
    VIRGO = "virgo"
    LIBRA = "libra"
    SCORPIO = "scorpio"
    SAGITTARIUS = "sagittarius"
    CAPRICORN = "capricorn"
    AQUARIUS = "aquarius"
    PISCES = "pisces"


SIGNS: tuple[Sign, ...] = tuple(Sign)


class Zodiac(StrEnum):
    TROPICAL = "tropical"
    SIDEREAL = "sidereal"


ZODIAC_TITLES: dict[Zodiac, str] = {Zodiac.TROPICAL: "Tropical", Zodiac.SIDEREAL: "Sidereal"}


class Calendar(StrEnum):
    GREGORIAN = "gregorian"
    JULIAN = "julian"


CALENDAR_TITLES: dict[Calendar, str] = {Calendar.GREGORIAN: "Gregorian", Calendar.JULIAN: "Julian"}


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


class Ayanamsa(StrEnum):
    LAHIRI = "lahiri"
    FAGAN_BRADLEY = "fagan_bradley"
    RAMAN = "raman"
    KRISHNAMURTI = "krishnamurti"
    DE_LUCE = "de_luce"
    USHA_SHASHI = "usha_shashi"
    DJWHAL_KHUL = "djwhal_khul"
    YUKTESHWAR = "yukteshwar"
    JN_BHASIN = "jn_bhasin"
    BABYLONIAN_KUGLER_1 = "babylonian_kugler_1"
    BABYLONIAN_KUGLER_2 = "babylonian_kugler_2"
    BABYLONIAN_KUGLER_3 = "babylonian_kugler_3"
    BABYLONIAN_HUBER = "babylonian_huber"
    BABYLONIAN_BRITTON = "babylonian_britton"
    HIPPARCHOS = "hipparchos"
    SASSANIAN = "sassanian"
    SURYASIDDHANTA = "suryasiddhanta"
    ARYABHATA = "aryabhata"
    ARYABHATA_522 = "aryabhata_522"
    TRUE_CITRA = "true_citra"
    TRUE_REVATI = "true_revati"
    TRUE_PUSHYA = "true_pushya"
    TRUE_MULA = "true_mula"
    GALACTIC_CENTER_0_SAGITTARIUS = "galactic_center_0_sagittarius"
    LAHIRI_1940 = "lahiri_1940"
    LAHIRI_VP285 = "lahiri_vp285"
    LAHIRI_ICRC = "lahiri_icrc"
    KRISHNAMURTI_SENTHILATHIBAN = "krishnamurti_senthilathiban"
    VETTIUS_VALENS = "vettius_valens"
    J2000 = "j2000"
    J1900 = "j1900"
    B1950 = "b1950"


AYANAMSA_TITLES: dict[Ayanamsa, str] = {name: name.value.replace("_", " ").title() for name in Ayanamsa} | {
    Ayanamsa.FAGAN_BRADLEY: "Fagan-Bradley",
    Ayanamsa.USHA_SHASHI: "Usha-Shashi",
    Ayanamsa.JN_BHASIN: "J. N. Bhasin",
    Ayanamsa.GALACTIC_CENTER_0_SAGITTARIUS: "Galactic centre at 0° Sagittarius",
    Ayanamsa.LAHIRI_VP285: "Lahiri VP285",
    Ayanamsa.LAHIRI_ICRC: "Lahiri ICRC",
    Ayanamsa.KRISHNAMURTI_SENTHILATHIBAN: "Krishnamurti-Senthilathiban",
}

AYANAMSAS_OF_STARS = frozenset({Ayanamsa.TRUE_CITRA, Ayanamsa.TRUE_REVATI, Ayanamsa.TRUE_PUSHYA, Ayanamsa.TRUE_MULA})
"""Ayanamsas measured from a star's place of date: they need the star catalogue."""


class AspectKind(StrEnum):
    CONJUNCTION = "conjunction"
    SEMISEXTILE = "semisextile"
    SEMISQUARE = "semisquare"
    SEXTILE = "sextile"
    SQUARE = "square"
    TRINE = "trine"
    SESQUISQUARE = "sesquisquare"
    QUINCUNX = "quincunx"
    OPPOSITION = "opposition"


ASPECT_ANGLES: dict[AspectKind, float] = {
    AspectKind.CONJUNCTION: 0.0,
    AspectKind.SEMISEXTILE: 30.0,
    AspectKind.SEMISQUARE: 45.0,
    AspectKind.SEXTILE: 60.0,
    AspectKind.SQUARE: 90.0,
    AspectKind.TRINE: 120.0,
    AspectKind.SESQUISQUARE: 135.0,
    AspectKind.QUINCUNX: 150.0,
    AspectKind.OPPOSITION: 180.0,
}

DEFAULT_ORBS: dict[AspectKind, float] = {
    AspectKind.CONJUNCTION: 8.0,
    AspectKind.SEMISEXTILE: 2.0,
    AspectKind.SEMISQUARE: 2.0,
    AspectKind.SEXTILE: 5.0,
    AspectKind.SQUARE: 7.0,
    AspectKind.TRINE: 7.0,
    AspectKind.SESQUISQUARE: 2.0,
    AspectKind.QUINCUNX: 2.0,
    AspectKind.OPPOSITION: 8.0,
}


def degrees_text(degrees_in_sign: float) -> str:
    """Degrees, minutes and seconds, cut and not rounded: 29° 59′ 59.7″ never shows as 30° 00′."""
    seconds = int(degrees_in_sign * 3600 + 1e-6)
    return f"{seconds // 3600}° {seconds // 60 % 60:02d}′ {seconds % 60:02d}″"
