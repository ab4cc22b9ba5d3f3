"""Risings, settings and meridian passages as Swiss Ephemeris finds them; for jobs on the computing thread only.

Times are Julian days in UT1. With refraction the library uses Bennett's formula for 15 °C and the pressure of the altitude
(1013.25 hPa at sea level): 34' at the horizon, so the Sun's upper limb appears when its centre stands at -0.833 degrees.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import swisseph

from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.library_numbers import BODIES
from backend.charts.vocabulary import Body

_CELSIUS = 15.0
_PRESSURE_OF_ALTITUDE = 0.0
_NOT_FOUND = -2


class HorizonEvent(StrEnum):
    RISE = "rise"
    SET = "set"
    UPPER_TRANSIT = "upper_transit"
    LOWER_TRANSIT = "lower_transit"
    CIVIL_DAWN = "civil_dawn"
    CIVIL_DUSK = "civil_dusk"
    NAUTICAL_DAWN = "nautical_dawn"
    NAUTICAL_DUSK = "nautical_dusk"
    ASTRONOMICAL_DAWN = "astronomical_dawn"
    ASTRONOMICAL_DUSK = "astronomical_dusk"


class Disc(StrEnum):
    """Which part of the body touches the horizon."""

    UPPER_LIMB = "upper_limb"
    CENTER = "center"


TWILIGHTS: dict[HorizonEvent, float] = {
    HorizonEvent.CIVIL_DAWN: -6.0,
    HorizonEvent.CIVIL_DUSK: -6.0,
    HorizonEvent.NAUTICAL_DAWN: -12.0,
    HorizonEvent.NAUTICAL_DUSK: -12.0,
    HorizonEvent.ASTRONOMICAL_DAWN: -18.0,
    HorizonEvent.ASTRONOMICAL_DUSK: -18.0,
}
"""Geometric altitude of the Sun's centre."""

_BITS = {
    HorizonEvent.RISE: swisseph.CALC_RISE,
    HorizonEvent.SET: swisseph.CALC_SET,
    HorizonEvent.UPPER_TRANSIT: swisseph.CALC_MTRANSIT,
    HorizonEvent.LOWER_TRANSIT: swisseph.CALC_ITRANSIT,
    HorizonEvent.CIVIL_DAWN: swisseph.CALC_RISE | swisseph.BIT_CIVIL_TWILIGHT,
    HorizonEvent.CIVIL_DUSK: swisseph.CALC_SET | swisseph.BIT_CIVIL_TWILIGHT,
    HorizonEvent.NAUTICAL_DAWN: swisseph.CALC_RISE | swisseph.BIT_NAUTIC_TWILIGHT,
    HorizonEvent.NAUTICAL_DUSK: swisseph.CALC_SET | swisseph.BIT_NAUTIC_TWILIGHT,
    HorizonEvent.ASTRONOMICAL_DAWN: swisseph.CALC_RISE | swisseph.BIT_ASTRO_TWILIGHT,
    HorizonEvent.ASTRONOMICAL_DUSK: swisseph.CALC_SET | swisseph.BIT_ASTRO_TWILIGHT,
}


class Horizon(NamedTuple):
    """A place (degrees, metres) and what counts as touching its horizon."""

    latitude_degrees: float
    longitude_degrees: float
    altitude_metres: float = 0.0
    disc: Disc = Disc.UPPER_LIMB
    refraction: bool = True

    def next(self, event: HorizonEvent, body: Body, day_ut1: float, sky: Sky) -> float | None:
        """When it happens next, within about a day; None where it does not, as in polar day or night."""
        result, times = swisseph.rise_trans(
            day_ut1, BODIES[body], _BITS[event] | self._bits, self._place, _PRESSURE_OF_ALTITUDE, _CELSIUS, sky.theory
        )
        return None if result == _NOT_FOUND or times[0] <= 0 else float(times[0])

    def altitude(self, body: Body, day_ut1: float, sky: Sky) -> float:
        """Of the body's centre, topocentric and without refraction, in degrees."""
        swisseph.set_topo(self.longitude_degrees, self.latitude_degrees, self.altitude_metres)
        flags = sky.theory | swisseph.FLG_EQUATORIAL | swisseph.FLG_TOPOCTR
        place, _ = swisseph.calc_ut(day_ut1, BODIES[body], flags)
        _, altitude, _ = swisseph.azalt(day_ut1, swisseph.EQU2HOR, self._place, _PRESSURE_OF_ALTITUDE, _CELSIUS, place[:3])
        return float(altitude)

    @property
    def _place(self) -> tuple[float, float, float]:
        return self.longitude_degrees, self.latitude_degrees, self.altitude_metres

    @property
    def _bits(self) -> int:
        disc = swisseph.BIT_DISC_CENTER if self.disc is Disc.CENTER else 0
        return disc | (0 if self.refraction else swisseph.BIT_NO_REFRACTION)
