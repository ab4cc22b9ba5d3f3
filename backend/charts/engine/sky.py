"""The first door to Swiss Ephemeris: the library as a job sees it, where every job starts from the same settings.

The C library keeps its state per thread (path, sidereal mode, place), so what is here is called on the computing thread alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

import swisseph

from backend.charts.engine.chart_settings import FIRST_JULIAN_DAY, LAST_JULIAN_DAY, CustomAyanamsa
from backend.charts.engine.civil_time import CivilTime
from backend.charts.engine.files import ASTEROIDS_FILE, MOON_FILE, PLANETS_FILE, STARS_FILE, FileProblem
from backend.charts.engine.houses import undefined
from backend.charts.engine.library_numbers import AYANAMSAS, BODIES_SEEN_FROM, HOUSE_LETTERS, INTERPOLATED, MEAN_ELEMENTS, NEEDS_ASTEROIDS
from backend.charts.engine.positions import Houses, Position, Source, Star, Unavailable
from backend.charts.vocabulary import AYANAMSAS_OF_STARS, Ayanamsa, Body, Center, HouseSystem, Mode
from backend.errors import ComputationFailed, InvalidRequest

LibraryError = swisseph.Error
"""Its text holds paths of the server: it is never shown."""

LIBRARY = f"Swiss Ephemeris {swisseph.version}"
BINDING = f"pyswisseph {version('pyswisseph')}"

_NO_MAGNITUDE = 999.0
_SURELY_IN_FILES = (2378550.0, 2597550.0)  # Julian days from 1800 to 2399, without the weeks at either end
_SPEED, _FILES, _MOSHIER, _EQUATORIAL = swisseph.FLG_SPEED, swisseph.FLG_SWIEPH, swisseph.FLG_MOSEPH, swisseph.FLG_EQUATORIAL
_VIEWS = {Center.GEOCENTRIC: 0, Center.HELIOCENTRIC: swisseph.FLG_HELCTR, Center.TOPOCENTRIC: swisseph.FLG_TOPOCTR}
_NO_FILE = dict.fromkeys(MEAN_ELEMENTS, Source.MEAN_ELEMENTS) | dict.fromkeys(INTERPOLATED, Source.INTERPOLATED)


def open_library(folder: Path) -> None:
    """Let the library find its files; it keeps the folder for this thread."""
    swisseph.set_ephe_path(str(folder))


def close_library() -> None:
    """Free the files that this thread has open: three are lost with each thread that ends without it."""
    swisseph.close()


class Sky:
    """The library as a job sees it; lives on the computing thread only."""

    def __init__(self, mode: Mode, problems: Iterable[FileProblem]) -> None:
        self._wrong = {problem.name: problem.code for problem in problems}
        self._own_mode = mode
        self._theory: int
        self._zodiac: int
        self.planets_problem = self._wrong.get(PLANETS_FILE) or self._wrong.get(MOON_FILE)
        self._start()

    def _start(self) -> None:
        self.mode = self._own_mode
        self._theory = _MOSHIER if self.mode is Mode.MOSHIER or self.planets_problem else _FILES
        self._zodiac = 0
        self._view = 0
        self._numbers = BODIES_SEEN_FROM[Center.GEOCENTRIC]

    def reset(self) -> None:
        """Take back everything an earlier job on this thread may have set."""
        swisseph.set_sid_mode(0)
        swisseph.set_topo(0.0, 0.0, 0.0)
        swisseph.set_tid_acc(swisseph.TIDAL_AUTOMATIC)
        swisseph.set_delta_t_userdef(swisseph.DELTAT_AUTOMATIC)
        self._start()

    def use_moshier(self) -> None:
        """This job computes with the built-in theory, whatever files there are."""
        self.mode, self._theory = Mode.MOSHIER, _MOSHIER

    def use_ayanamsa(self, ayanamsa: Ayanamsa | CustomAyanamsa | None) -> None:
        """Longitudes of this job are sidereal by this ayanamsa; None: tropical."""
        if ayanamsa is None:
            self._zodiac = 0
            return
        if ayanamsa in AYANAMSAS_OF_STARS and STARS_FILE in self._wrong:
            raise ComputationFailed(f"the ayanamsa {ayanamsa} needs the star catalogue, which is missing or damaged here")
        _set_ayanamsa(ayanamsa)
        self._zodiac = swisseph.FLG_SIDEREAL

    def look_from(self, center: Center, latitude: float = 0.0, longitude: float = 0.0, altitude_metres: float = 0.0) -> None:
        """Positions of this job are seen from there; the place counts for the topocentric centre only."""
        if center is Center.TOPOCENTRIC:
            swisseph.set_topo(longitude, latitude, altitude_metres)
        self._view, self._numbers = _VIEWS[center], BODIES_SEEN_FROM[center]

    @property
    def theory(self) -> int:
        """The library's flag for the theory in use, for what the almanac asks of it."""
        return self._theory

    @property
    def zodiac(self) -> int:
        """The library's flags for the zodiac of this job, for what the almanac asks of it."""
        return self._zodiac

    def utc_to_julian_days(self, utc: CivilTime) -> tuple[float, float]:
        """Julian days in TT and UT1 of a Gregorian UTC time from 1972."""
        tt, ut1 = swisseph.utc_to_jd(utc.year, utc.month, utc.day, utc.hour, utc.minute, float(utc.second), swisseph.GREG_CAL)
        return tt, ut1

    def delta_t_days(self, julian_day_ut1: float) -> float:
        return float(swisseph.deltat_ex(julian_day_ut1, self._theory))

    def positions(self, julian_day_tt: float, bodies: Sequence[Body]) -> tuple[list[Position], list[Unavailable]]:
        """Each body's position, and the bodies that have none."""
        if not FIRST_JULIAN_DAY < julian_day_tt < LAST_JULIAN_DAY:
            raise InvalidRequest.of(
                "date", "out_of_range", "the date must lie between the years -2999 and 2999: the ephemeris goes no further"
            )
        found: list[Position] = []
        missing: list[Unavailable] = []
        asteroids_problem = self._wrong.get(ASTEROIDS_FILE)
        calc, numbers, files, no_file = swisseph.calc, self._numbers, _FILES, _NO_FILE
        flags = self._theory_at(julian_day_tt) | self._view | _SPEED
        ecliptic, equator = flags | self._zodiac, flags | _EQUATORIAL
        for body in bodies:
            if asteroids_problem and body in NEEDS_ASTEROIDS:
                missing.append(Unavailable(body, asteroids_problem))
                continue
            try:
                (longitude, latitude, distance, speed, _, _), used = calc(julian_day_tt, numbers[body], ecliptic)
                (ascension, declination, _, _, _, _), _ = calc(julian_day_tt, numbers[body], equator)
            except swisseph.Error:
                missing.append(Unavailable(body, "outside_file_range"))
                continue
            except KeyError:
                missing.append(Unavailable(body, "not_in_this_sky"))
                continue
            source = no_file.get(body) or (Source.FILES if used & files else Source.MOSHIER)
            found.append(Position(body, longitude, latitude, distance, speed, ascension, declination, source))
        return found, missing

    def _theory_at(self, julian_day_tt: float) -> int:
        """Beyond its files the library falls back by itself, and the speed it then gives depends on what it was asked before: ask it
        for the built-in theory by name."""
        if self._theory != _FILES or _SURELY_IN_FILES[0] < julian_day_tt < _SURELY_IN_FILES[1]:
            return self._theory
        _, used = swisseph.calc(julian_day_tt, swisseph.SUN, _FILES)
        theory: int = _FILES if used & _FILES else _MOSHIER
        return theory

    def ecliptic(self, julian_day_tt: float, body: Body) -> tuple[float, float, float, float]:
        """Longitude, latitude (degrees), distance (au) and speed in longitude (degrees a day): the short way for searches.

        Raises ComputationFailed where the body has no place at that time.
        """
        try:
            place, _ = swisseph.calc(julian_day_tt, self._numbers[body], self._theory | self._view | _SPEED | self._zodiac)
        except (swisseph.Error, KeyError):
            raise ComputationFailed(f"{body} has no position at this time in this sky") from None
        longitude, latitude, distance, speed, _, _ = place
        return longitude, latitude, distance, speed

    def houses(self, julian_day_ut1: float, latitude: float, longitude: float, system: HouseSystem) -> Houses:
        """Houses at a place; refused where the system has no meaning."""
        try:
            cusps, angles = swisseph.houses_ex(julian_day_ut1, latitude, longitude, HOUSE_LETTERS[system], self._theory | self._zodiac)
        except swisseph.Error:
            raise undefined(system) from None
        return Houses(cusps, angles[0], angles[1], angles[2], angles[3], angles[4])

    def houses_from_armc(self, armc: float, latitude: float, obliquity: float, system: HouseSystem, sun_declination: float = 0.0) -> Houses:
        """Tropical houses from the right ascension of the Midheaven and the true obliquity; Sunshine needs the Sun's declination."""
        try:
            cusps, angles = swisseph.houses_armc(armc, latitude, obliquity, HOUSE_LETTERS[system], sun_declination)
        except swisseph.Error:
            raise undefined(system) from None
        return Houses(cusps, angles[0], angles[1], angles[2], angles[3], angles[4])

    def obliquity(self, julian_day_tt: float) -> float:
        """True obliquity of the ecliptic in degrees."""
        return float(swisseph.calc(julian_day_tt, swisseph.ECL_NUT, self._theory)[0][0])

    def ayanamsa(self, julian_day_tt: float, name: Ayanamsa | CustomAyanamsa, *, with_nutation: bool) -> float:
        """Degrees between the two zodiacs. Positions use the value with nutation; tables usually print the one without."""
        _set_ayanamsa(name)
        _, degrees = swisseph.get_ayanamsa_ex(julian_day_tt, self._theory | (0 if with_nutation else swisseph.FLG_NONUT))
        return float(degrees)

    def star(self, julian_day_tt: float, name: str) -> Star:
        """A fixed star by its traditional name, or by its designation after a comma (``,alVir``); InvalidRequest for the field 'star'."""
        if STARS_FILE in self._wrong:
            raise ComputationFailed("fixed stars need the star catalogue, which is missing or damaged here")
        flags = self._theory | self._view | _SPEED
        try:
            (longitude, latitude, _, speed, *_), found, _ = swisseph.fixstar2(name, julian_day_tt, flags | self._zodiac)
            (ascension, declination, *_), _, _ = swisseph.fixstar2(name, julian_day_tt, flags | _EQUATORIAL)
            magnitude, _ = swisseph.fixstar2_mag(name)
        except swisseph.Error:
            raise InvalidRequest.of("star", "unknown_star", "no star of this name in the catalogue") from None
        traditional, _, designation = found.partition(",")
        visual = None if magnitude > _NO_MAGNITUDE else magnitude
        return Star(traditional or designation, designation, longitude, latitude, speed, ascension, declination, visual)

    def stars(self, julian_day_tt: float, names: Sequence[str]) -> tuple[list[Star], list[Unavailable]]:
        """Each star, and those that cannot be given; a name that the catalogue lacks is named by its place in the list."""
        problem = self._wrong.get(STARS_FILE)
        if problem:
            return [], [Unavailable(name, problem) for name in names]
        found = []
        for index, name in enumerate(names):
            try:
                found.append(self.star(julian_day_tt, name))
            except InvalidRequest as error:
                raise InvalidRequest.of(f"stars.{index}", error.problems[0].code, error.problems[0].detail) from None
        return found, []


def _set_ayanamsa(ayanamsa: Ayanamsa | CustomAyanamsa) -> None:
    if isinstance(ayanamsa, CustomAyanamsa):
        swisseph.set_sid_mode(swisseph.SIDM_USER, *ayanamsa)
    else:
        swisseph.set_sid_mode(AYANAMSAS[ayanamsa])
