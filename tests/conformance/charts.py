"""Chart reference files (``charts.json`` and any file of its form), with the data files and with Moshier, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from backend.actor import Actor, ActorKind, Permission
from backend.charts.engine.chart import Chart
from backend.charts.engine.civil_time import LocalTimeVerdict, ZoneFolder, verdict
from backend.charts.engine.ephemeris import Ephemeris, Mode, Sky
from backend.charts.engine.files import DATA
from backend.charts.engine.request import parse_request
from backend.charts.engine.time_scale import julian_day
from backend.charts.service import ChartService
from backend.charts.vocabulary import NOT_BEYOND_POLAR_CIRCLE, Ayanamsa, Body, Calendar, HouseSystem
from backend.clock import SystemClock
from backend.errors import InvalidRequest
from tests.conformance.civil import civil
from tests.conformance.events import EventChecks, sun_times
from tests.conformance.outcome import Tally

PARTS = ("positions", "angles", "cusps", "local", "calendar", "events", "suntimes")
NOT_BUILT = ()
_LISTS = ("charts", "local_charts", "local_time_cases", "calendar_cases", "events", "sun_times")

Content = dict[str, Any]
_ACTOR = Actor(ActorKind.SYSTEM, "system:conformance", "conformance", frozenset({Permission.COMPUTE_CHARTS}))
_NAMES = {"osc_apogee": Body.OSCULATING_LILITH}
_ASTEROIDS = ("chiron", "ceres", "pallas", "juno", "vesta")
_EXACT = {"se1": Mode.FILES, "moshier": Mode.MOSHIER}


def is_format(content: object) -> bool:
    return isinstance(content, dict) and "tolerance" in content and any(key in content for key in _LISTS)


def check(content: Content, parts: list[str], tally: Tally) -> None:
    for theory, mode in _EXACT.items():
        ephemeris = Ephemeris(DATA / "ephemeris", mode)
        try:
            _Checker(content, theory, ephemeris, tally).run(parts)
        finally:
            ephemeris.close()


class _Checker:
    """One file against one theory."""

    def __init__(self, content: Content, theory: str, ephemeris: Ephemeris, tally: Tally) -> None:
        self._content, self._theory, self._ephemeris, self._tally = content, theory, ephemeris, tally
        self._tolerance = content["tolerance"]
        self._zones = ZoneFolder(DATA / "zoneinfo")
        self._service = ChartService(ephemeris, self._zones, _NoPlaces(), SystemClock())

    def run(self, parts: list[str]) -> None:
        charts = {"positions": self._positions, "angles": self._angles, "cusps": self._cusps}
        for part, differences in charts.items():
            if part in parts:
                self._each("charts", part, differences)
        if "local" in parts:
            self._each("local_time_cases", "local", self._local_time)
            self._each("local_charts", "local", self._local_chart)
        if "calendar" in parts:
            self._each("calendar_cases", "calendar", self._calendar)
        if "events" in parts:
            for name, differences in EventChecks(self._tolerance, self._theory, self._service).by_list().items():
                self._each(name, "events", differences, self._content.get("events", {}))
        if "suntimes" in parts:
            self._each("sun_times", "suntimes", lambda entry: sun_times(entry, self._tolerance, self._service))

    def _each(self, key: str, part: str, differences: Callable[[Content], Iterator[str]], lists: Content | None = None) -> None:
        for number, entry in enumerate((self._content if lists is None else lists).get(key, [])):
            identifier = entry.get("id", f"{key}[{number}]")
            try:
                found = list(differences(entry))
            except Exception as error:  # noqa: BLE001 - an entry that raises has failed, and says so
                found = [f"raised {type(error).__name__}: {error}"]
            self._tally.entry(f"{identifier} {part} {self._theory}", found)

    def _ask(self, job: Callable[[Sky], Any]) -> Any:
        return self._ephemeris.run(job)

    def _positions(self, chart: Content) -> Iterator[str]:
        bodies = {name: _NAMES.get(name) or Body(name) for name in chart["bodies"]}
        for instant, extra in (("jd_tt", False), ("jd_ut1", True)):
            yield from self._bodies_at(chart, bodies, instant, extra=extra)
        yield from self._stars(chart)
        for name, expected in chart.get("ayanamsa", {}).items():
            got = self._ask(lambda sky, name=name: sky.ayanamsa(chart["jd_tt"], Ayanamsa(name), with_nutation=False))
            yield from _near(f"ayanamsa {name}", expected, got, self._tolerance["ayanamsa_arcsec"] / 3600)

    def _bodies_at(self, chart: Content, bodies: dict[str, Body], instant: str, *, extra: bool) -> Iterator[str]:
        def positions(sky: Sky) -> Any:
            day = chart["jd_tt"] if instant == "jd_tt" else chart["jd_ut1"] + sky.delta_t_days(chart["jd_ut1"])
            return sky.positions(day, list(bodies.values()))

        found, missing = self._ask(positions)
        got = {position.body: position for position in found}
        for absent in missing:
            yield f"{absent.body}: expected a position, got none ({absent.why})"
        for name, body in bodies.items():
            if body in got:
                yield from self._body(name, chart["bodies"][name], got[body], self._extra(chart, name) if extra else 0.0, instant)

    def _body(self, name: str, expected: Content, got: Any, extra: float, instant: str) -> Iterator[str]:
        arcsec = (
            self._tolerance["asteroids_arcsec_se1"] if name in _ASTEROIDS else self._tolerance["positions_arcsec_at_jd_tt"][self._theory]
        )[name]
        allowed, label = (arcsec + extra) / 3600, f"{name} at {instant}"
        yield from _near(f"{label} longitude", expected["lon"], got.longitude_degrees, allowed)
        if "lat" in expected:
            yield from _near(f"{label} latitude", expected["lat"], got.latitude_degrees, allowed)
        if "dec" in expected:
            yield from _near(f"{label} declination", expected["dec"], got.declination_degrees, allowed)
            yield from _near(f"{label} right ascension", expected["ra"], got.right_ascension_degrees, allowed)
        if "dist_au" in expected:
            yield from _near(f"{label} distance", expected["dist_au"], got.distance_au, self._tolerance["distance_au"][self._theory])
        if "speed" in expected:
            speeds = self._tolerance["speed_deg_per_day"][self._theory]
            yield from _near(f"{label} speed", expected["speed"], got.speed_degrees_per_day, speeds.get(name, speeds["other"]))

    def _extra(self, chart: Content, name: str) -> float:
        """Delta T of the future is a prediction: from UT1 more is allowed."""
        era = "before_2025" if chart["ut1"] < "2025" else "from_2025"
        allowed = self._tolerance["extra_arcsec_from_jd_ut1"][era]
        return float(allowed.get(name, allowed["other"]))

    def _stars(self, chart: Content) -> Iterator[str]:
        for name, expected in chart.get("stars", {}).items():
            got = self._ask(lambda sky, name=name: sky.star(chart["jd_tt"], name))
            yield from _near(f"star {name} longitude", expected["lon"], got.longitude_degrees, self._tolerance["stars_arcsec"] / 3600)
            yield from _near(f"star {name} latitude", expected["lat"], got.latitude_degrees, self._tolerance["stars_arcsec"] / 3600)

    def _houses_of(self, chart: Content, system: HouseSystem) -> Any:
        armc, obliquity = chart["angles"]["armc"], chart["obliquity"]
        return self._ask(lambda sky: sky.houses_from_armc(armc, chart["lat"], obliquity, system))

    def _angles(self, chart: Content) -> Iterator[str]:
        exact, ut1 = self._tolerance["angles_arcsec_from_armc"] / 3600, self._tolerance["angles_arcsec_from_jd_ut1"] / 3600
        houses = self._houses_of(chart, HouseSystem.PORPHYRY)
        from_day = self._ask(lambda sky: sky.houses(chart["jd_ut1"], chart["lat"], chart["lon"], HouseSystem.PORPHYRY))
        obliquity = self._ask(lambda sky: sky.obliquity(chart["jd_tt"]))
        yield from _near("obliquity", chart["obliquity"], obliquity, 0.05 / 3600)
        yield from _near("armc from jd_ut1", chart["angles"]["armc"], from_day.armc, ut1)
        names = {"asc": "ascendant", "mc": "midheaven", "vertex": "vertex", "equatorial_asc": "equatorial_ascendant"}
        for name, field in names.items():
            expected = chart["angles"].get(name)
            if expected is not None:
                yield from _near(f"{name} from armc", expected, getattr(houses, field), exact)
            if expected is not None and name in ("asc", "mc"):
                yield from _near(f"{name} from jd_ut1", expected, getattr(from_day, field), ut1)

    def _cusps(self, chart: Content) -> Iterator[str]:
        allowed = self._tolerance["cusps_arcsec_from_armc"] / 3600
        for name, expected in chart["houses"].items():
            got = self._houses_of(chart, HouseSystem(name)).cusps
            for number, (right, ours) in enumerate(zip(expected, got, strict=True), 1):
                yield from _near(f"{name} cusp {number}", right, ours, allowed)
        if chart.get("polar"):
            yield from self._refused(chart)

    def _refused(self, chart: Content) -> Iterator[str]:
        """Beyond the polar circle these systems are refused, never replaced."""
        for system in NOT_BEYOND_POLAR_CIRCLE:
            try:
                self._ask(lambda sky, system=system: sky.houses(chart["jd_ut1"], chart["lat"], chart["lon"], system))
            except InvalidRequest as error:
                if error.problems[0].code != "undefined_at_latitude":
                    yield f"{system}: expected undefined_at_latitude, got {error.problems[0].code}"
            else:
                yield f"{system}: expected a refusal beyond the polar circle, got cusps"

    def _local_time(self, case: Content) -> Iterator[str]:
        got = _summary(verdict(civil(case["local"]), case["zone"], self._zones))
        wanted = [_expected(case)] + ([_expected(case["backzone"])] if "backzone" in case else [])
        if got not in wanted:
            yield f"expected {' or '.join(map(str, wanted))}, got {got}"

    def _local_chart(self, case: Content) -> Iterator[str]:
        tolerance = self._tolerance["local_charts_deg"]
        chart = self._chart(case, "porphyry" if case["polar"] else "placidus")
        if f"{chart.local.utc.text}Z" != case["utc"]:
            yield f"utc: expected {case['utc']}, got {chart.local.utc.text}Z"
        got = {body.body.value: body for body in chart.bodies}
        for name, expected in case["lon_of"].items():
            allowed = tolerance["moon" if name == "moon" else "sun_to_pluto_except_moon"]
            yield from _near(name, expected, got[name].longitude_degrees, allowed)
        retrograde = [name for name in case["lon_of"] if got[name].retrograde]
        if sorted(retrograde) != sorted(case["retrograde"]):
            yield f"retrograde: expected {case['retrograde']}, got {retrograde}"
        angle = tolerance["asc_above_60_deg"] if abs(case["lat"]) > 60 else tolerance["asc_mc_cusps"]
        yield from _near("asc", case["asc"], chart.angles["ascendant"].longitude_degrees, angle)
        yield from _near("mc", case["mc"], chart.angles["midheaven"].longitude_degrees, tolerance["asc_mc_cusps"])
        for number, (right, ours) in enumerate(zip(case.get("placidus") or (), chart.cusps, strict=False), 1):
            yield from _near(f"placidus cusp {number}", right, ours.longitude_degrees, angle)
        if case["polar"]:
            yield from self._placidus_refused(case)

    def _placidus_refused(self, case: Content) -> Iterator[str]:
        try:
            self._chart(case, "placidus")
        except InvalidRequest:
            return
        yield "placidus: expected a refusal beyond the polar circle, got a chart"

    def _chart(self, case: Content, system: str) -> Chart:
        date, _, time = case["local"].rpartition("T")
        body = {"date": date, "time": time, "time_zone": case["zone"], "latitude": case["lat"], "longitude": case["lon"]}
        return self._service.compute(_ACTOR, parse_request({**body, "house_system": system})).value

    def _calendar(self, case: Content) -> Iterator[str]:
        got = julian_day(case["year"], case["month"], case["day"], case["hour_ut"], Calendar(case["calendar"]))
        if abs(got - case["jd"]) > self._tolerance["calendar_days"]:
            yield f"expected {case['jd']}, got {got}"


def _near(name: str, expected: float, got: float, allowed: float) -> Iterator[str]:
    off = abs((got - expected + 180) % 360 - 180)
    if not off <= allowed:
        yield f"{name}: expected {expected}, got {got:.9f} (off by {off * 3600:.3f}″, allowed {allowed * 3600:.3f}″)"


def _summary(result: LocalTimeVerdict) -> tuple[Any, ...]:
    return (result.kind, tuple(f"{utc.text}Z" for utc in result.utc), result.offsets_seconds, result.gap_seconds)


def _expected(case: Content) -> tuple[Any, ...]:
    match case["verdict"]:
        case "ok":
            return ("ok", (case["utc"],), (case["offset_s"],), 0)
        case "ambiguous":
            offsets = (case["offset_fold0_s"], case["offset_fold1_s"]) if "offset_fold0_s" in case else None
            return ("ambiguous", (case["utc_fold0"], case["utc_fold1"]), offsets, 0)
        case "nonexistent":
            return ("nonexistent", (), (case["offset_before_s"], case["offset_after_s"]), case["gap_s"])
        case other:
            return (other, (), (), 0)


class _NoPlaces:
    """Reference charts give coordinates."""

    def resolve(self, text: str) -> Any:
        raise LookupError(text)
