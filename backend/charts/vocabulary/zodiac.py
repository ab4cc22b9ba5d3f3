"""Signs, zodiacs and ayanamsas."""

from __future__ import annotations

from enum import StrEnum


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


def degrees_text(degrees_in_sign: float) -> str:
    """Degrees, minutes and seconds, cut and not rounded: 29° 59′ 59.7″ never shows as 30° 00′."""
    seconds = int(degrees_in_sign * 3600 + 1e-6)
    return f"{seconds // 3600}° {seconds // 60 % 60:02d}′ {seconds % 60:02d}″"
