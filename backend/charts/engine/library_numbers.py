"""How Swiss Ephemeris numbers what the vocabulary names (its programmer's documentation, sections 3, 10 and 14)."""

from __future__ import annotations

from backend.charts.vocabulary import NOT_SEEN_FROM, Ayanamsa, Body, Center, HouseSystem

BODIES: dict[Body, int] = {
    Body.SUN: 0,
    Body.MOON: 1,
    Body.MERCURY: 2,
    Body.VENUS: 3,
    Body.MARS: 4,
    Body.JUPITER: 5,
    Body.SATURN: 6,
    Body.URANUS: 7,
    Body.NEPTUNE: 8,
    Body.PLUTO: 9,
    Body.MEAN_NODE: 10,
    Body.TRUE_NODE: 11,
    Body.MEAN_LILITH: 12,
    Body.OSCULATING_LILITH: 13,
    Body.CHIRON: 15,
    Body.CERES: 17,
    Body.PALLAS: 18,
    Body.JUNO: 19,
    Body.VESTA: 20,
    Body.PHOLUS: 16,
    Body.INTERPOLATED_LILITH: 21,
    Body.INTERPOLATED_PERIGEE: 22,
    Body.EARTH: 14,
}

BODIES_SEEN_FROM: dict[Center, dict[Body, int]] = {
    center: {body: number for body, number in BODIES.items() if body not in NOT_SEEN_FROM[center]} for center in Center
}
"""The library answers with zeros where a body has no place; here it has no number."""

MEAN_ELEMENTS = frozenset({Body.MEAN_NODE, Body.MEAN_LILITH})
INTERPOLATED = frozenset({Body.INTERPOLATED_LILITH, Body.INTERPOLATED_PERIGEE})
"""These and the mean elements need no file; the library reports them as 'from files' even with no file at all: its word proves nothing."""

NEEDS_ASTEROIDS = frozenset({Body.CHIRON, Body.PHOLUS, Body.CERES, Body.PALLAS, Body.JUNO, Body.VESTA})

HOUSE_LETTERS: dict[HouseSystem, bytes] = {
    HouseSystem.PLACIDUS: b"P",
    HouseSystem.KOCH: b"K",
    HouseSystem.REGIOMONTANUS: b"R",
    HouseSystem.CAMPANUS: b"C",
    HouseSystem.PORPHYRY: b"O",
    HouseSystem.ALCABITIUS: b"B",
    HouseSystem.TOPOCENTRIC: b"T",
    HouseSystem.EQUAL: b"E",
    HouseSystem.EQUAL_MC: b"D",
    HouseSystem.EQUAL_ARIES: b"N",
    HouseSystem.VEHLOW: b"V",
    HouseSystem.WHOLE_SIGN: b"W",
    HouseSystem.MERIDIAN: b"X",
    HouseSystem.MORINUS: b"M",
    HouseSystem.AZIMUTHAL: b"H",
    HouseSystem.KRUSINSKI: b"U",
    HouseSystem.SRIPATI: b"S",
    HouseSystem.CARTER: b"F",
    HouseSystem.PULLEN_SD: b"L",
    HouseSystem.PULLEN_SR: b"Q",
    HouseSystem.SAVARD_A: b"J",
    HouseSystem.APC: b"Y",
    HouseSystem.SUNSHINE: b"I",
    HouseSystem.SUNSHINE_MAKRANSKY: b"i",
    HouseSystem.GAUQUELIN: b"G",
}

AYANAMSAS: dict[Ayanamsa, int] = {
    Ayanamsa.FAGAN_BRADLEY: 0,
    Ayanamsa.LAHIRI: 1,
    Ayanamsa.DE_LUCE: 2,
    Ayanamsa.RAMAN: 3,
    Ayanamsa.USHA_SHASHI: 4,
    Ayanamsa.KRISHNAMURTI: 5,
    Ayanamsa.DJWHAL_KHUL: 6,
    Ayanamsa.YUKTESHWAR: 7,
    Ayanamsa.JN_BHASIN: 8,
    Ayanamsa.BABYLONIAN_KUGLER_1: 9,
    Ayanamsa.BABYLONIAN_KUGLER_2: 10,
    Ayanamsa.BABYLONIAN_KUGLER_3: 11,
    Ayanamsa.BABYLONIAN_HUBER: 12,
    Ayanamsa.BABYLONIAN_ETA_PISCIUM: 13,
    Ayanamsa.BABYLONIAN_ALDEBARAN: 14,
    Ayanamsa.HIPPARCHOS: 15,
    Ayanamsa.SASSANIAN: 16,
    Ayanamsa.GALACTIC_CENTER_0_SAGITTARIUS: 17,
    Ayanamsa.J2000: 18,
    Ayanamsa.J1900: 19,
    Ayanamsa.B1950: 20,
    Ayanamsa.SURYASIDDHANTA: 21,
    Ayanamsa.SURYASIDDHANTA_MEAN_SUN: 22,
    Ayanamsa.ARYABHATA: 23,
    Ayanamsa.ARYABHATA_MEAN_SUN: 24,
    Ayanamsa.SURYASIDDHANTA_REVATI: 25,
    Ayanamsa.SURYASIDDHANTA_CITRA: 26,
    Ayanamsa.TRUE_CITRA: 27,
    Ayanamsa.TRUE_REVATI: 28,
    Ayanamsa.TRUE_PUSHYA: 29,
    Ayanamsa.GALACTIC_CENTER_GIL_BRAND: 30,
    Ayanamsa.GALACTIC_EQUATOR_IAU_1958: 31,
    Ayanamsa.GALACTIC_EQUATOR: 32,
    Ayanamsa.GALACTIC_EQUATOR_MID_MULA: 33,
    Ayanamsa.SKYDRAM: 34,
    Ayanamsa.TRUE_MULA: 35,
    Ayanamsa.GALACTIC_CENTER_WILHELM: 36,
    Ayanamsa.ARYABHATA_522: 37,
    Ayanamsa.BABYLONIAN_BRITTON: 38,
    Ayanamsa.TRUE_SHEORAN: 39,
    Ayanamsa.GALACTIC_CENTER_COCHRANE: 40,
    Ayanamsa.GALACTIC_EQUATOR_FIORENZA: 41,
    Ayanamsa.VETTIUS_VALENS: 42,
    Ayanamsa.LAHIRI_1940: 43,
    Ayanamsa.LAHIRI_VP285: 44,
    Ayanamsa.KRISHNAMURTI_SENTHILATHIBAN: 45,
    Ayanamsa.LAHIRI_ICRC: 46,
}
