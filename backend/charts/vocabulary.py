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
    PHOLUS = "pholus"
    INTERPOLATED_LILITH = "interpolated_lilith"
    INTERPOLATED_PERIGEE = "interpolated_perigee"
    EARTH = "earth"


DEFAULT_BODIES: tuple[Body, ...] = tuple(Body)[:13]
CLASSICAL_PLANETS: tuple[Body, ...] = tuple(Body)[:7]

BODY_TITLES: dict[Body, str] = {body: body.value.replace("_", " ").capitalize() for body in Body} | {
    Body.MEAN_LILITH: "Lilith (mean apogee)",
    Body.OSCULATING_LILITH: "Lilith (osculating apogee)",
    Body.INTERPOLATED_LILITH: "Lilith (interpolated apogee)",
    Body.INTERPOLATED_PERIGEE: "Perigee (interpolated)",
}


class Center(StrEnum):
    """From where the bodies are seen."""

    GEOCENTRIC = "geocentric"
    HELIOCENTRIC = "heliocentric"
    TOPOCENTRIC = "topocentric"


CENTER_TITLES: dict[Center, str] = {center: center.value.capitalize() for center in Center}

_OF_THE_MOONS_ORBIT = frozenset(
    {
        Body.MEAN_NODE,
        Body.TRUE_NODE,
        Body.MEAN_LILITH,
        Body.OSCULATING_LILITH,
        Body.INTERPOLATED_LILITH,
        Body.INTERPOLATED_PERIGEE,
    }
)
NOT_SEEN_FROM: dict[Center, frozenset[Body]] = {
    Center.GEOCENTRIC: frozenset({Body.EARTH}),
    Center.TOPOCENTRIC: frozenset({Body.EARTH}),
    Center.HELIOCENTRIC: _OF_THE_MOONS_ORBIT | {Body.SUN},
}
"""Bodies without a place in the sky of a centre: the centre itself, and the points of the Moon's orbit seen from the Sun."""


def bodies_seen_from(center: Center) -> tuple[Body, ...]:
    """What a chart shows where no bodies are asked for; seen from the Sun the Earth takes its place."""
    if center is not Center.HELIOCENTRIC:
        return DEFAULT_BODIES
    seen = (body for body in DEFAULT_BODIES if body not in NOT_SEEN_FROM[center] and body is not Body.MOON)
    return (*seen, Body.EARTH)


class Mode(StrEnum):
    """Which theory is asked for: the data files, or the library's built-in Moshier theory."""

    FILES = "files"
    MOSHIER = "moshier"


MODE_TITLES: dict[Mode, str] = {Mode.FILES: "Swiss Ephemeris files", Mode.MOSHIER: "Moshier (built in, coarser)"}


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
    BABYLONIAN_ETA_PISCIUM = "babylonian_eta_piscium"
    BABYLONIAN_ALDEBARAN = "babylonian_aldebaran"
    SURYASIDDHANTA_MEAN_SUN = "suryasiddhanta_mean_sun"
    ARYABHATA_MEAN_SUN = "aryabhata_mean_sun"
    SURYASIDDHANTA_REVATI = "suryasiddhanta_revati"
    SURYASIDDHANTA_CITRA = "suryasiddhanta_citra"
    TRUE_SHEORAN = "true_sheoran"
    GALACTIC_CENTER_GIL_BRAND = "galactic_center_gil_brand"
    GALACTIC_CENTER_WILHELM = "galactic_center_wilhelm"
    GALACTIC_CENTER_COCHRANE = "galactic_center_cochrane"
    GALACTIC_EQUATOR = "galactic_equator"
    GALACTIC_EQUATOR_IAU_1958 = "galactic_equator_iau_1958"
    GALACTIC_EQUATOR_MID_MULA = "galactic_equator_mid_mula"
    GALACTIC_EQUATOR_FIORENZA = "galactic_equator_fiorenza"
    SKYDRAM = "skydram"


AYANAMSA_TITLES: dict[Ayanamsa, str] = {name: name.value.replace("_", " ").title() for name in Ayanamsa} | {
    Ayanamsa.FAGAN_BRADLEY: "Fagan-Bradley",
    Ayanamsa.USHA_SHASHI: "Usha-Shashi",
    Ayanamsa.JN_BHASIN: "J. N. Bhasin",
    Ayanamsa.GALACTIC_CENTER_0_SAGITTARIUS: "Galactic centre at 0° Sagittarius",
    Ayanamsa.LAHIRI_VP285: "Lahiri VP285",
    Ayanamsa.LAHIRI_ICRC: "Lahiri ICRC",
    Ayanamsa.KRISHNAMURTI_SENTHILATHIBAN: "Krishnamurti-Senthilathiban",
    Ayanamsa.BABYLONIAN_ALDEBARAN: "Babylonian (Aldebaran at 15° Taurus)",
    Ayanamsa.SURYASIDDHANTA_MEAN_SUN: "Suryasiddhanta (mean Sun)",
    Ayanamsa.ARYABHATA_MEAN_SUN: "Aryabhata (mean Sun)",
    Ayanamsa.TRUE_SHEORAN: "True Pushya (Sheoran)",
    Ayanamsa.GALACTIC_CENTER_GIL_BRAND: "Galactic centre (Gil Brand)",
    Ayanamsa.GALACTIC_CENTER_WILHELM: "Galactic centre in mid-Mula (Wilhelm)",
    Ayanamsa.GALACTIC_CENTER_COCHRANE: "Galactic centre at 0° Capricorn (Cochrane)",
    Ayanamsa.GALACTIC_EQUATOR_IAU_1958: "Galactic equator (IAU 1958)",
    Ayanamsa.GALACTIC_EQUATOR_MID_MULA: "Galactic equator in mid-Mula",
    Ayanamsa.GALACTIC_EQUATOR_FIORENZA: "Galactic equator (Fiorenza)",
    Ayanamsa.SKYDRAM: "Skydram (Mardyks)",
}

AYANAMSAS_OF_STARS = frozenset(
    {
        Ayanamsa.TRUE_CITRA,
        Ayanamsa.TRUE_REVATI,
        Ayanamsa.TRUE_PUSHYA,
        Ayanamsa.TRUE_MULA,
        Ayanamsa.TRUE_SHEORAN,
        Ayanamsa.GALACTIC_CENTER_0_SAGITTARIUS,
        Ayanamsa.GALACTIC_CENTER_GIL_BRAND,
        Ayanamsa.GALACTIC_CENTER_WILHELM,
        Ayanamsa.GALACTIC_CENTER_COCHRANE,
        Ayanamsa.GALACTIC_EQUATOR,
        Ayanamsa.GALACTIC_EQUATOR_IAU_1958,
        Ayanamsa.GALACTIC_EQUATOR_MID_MULA,
    }
)
"""Ayanamsas measured from an object's place of date: they need the star catalogue."""


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

PTOLEMAIC_ASPECTS = frozenset(
    {AspectKind.CONJUNCTION, AspectKind.SEXTILE, AspectKind.SQUARE, AspectKind.TRINE, AspectKind.OPPOSITION},
)


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


def degrees_text(degrees_in_sign: float) -> str:
    """Degrees, minutes and seconds, cut and not rounded: 29° 59′ 59.7″ never shows as 30° 00′."""
    seconds = int(degrees_in_sign * 3600 + 1e-6)
    return f"{seconds // 3600}° {seconds // 60 % 60:02d}′ {seconds % 60:02d}″"
