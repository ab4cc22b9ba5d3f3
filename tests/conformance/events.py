"""Events of a reference file, searched for through the public techniques: each entry is looked for around its own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from typing import Any

from backend.charts.engine.civil_time import civil_from_seconds, civil_seconds
from backend.charts.technique import Workbench
from backend.charts.techniques import TECHNIQUES
from backend.charts.vocabulary import SIGNS
from tests.conformance.civil import civil

Content = dict[str, Any]
_DAY = 86400
_CLOCK_SECONDS = 5.0  # predictions of Delta T differ by so much before 2050, which shows in UTC and not in TT
_SEASONS = {"march_equinox": "aries", "june_solstice": "cancer", "september_equinox": "libra", "december_solstice": "capricorn"}


def ask(workbench: Workbench, name: str, body: Content) -> Content:
    """The document of a technique, as the API would give it."""
    technique = TECHNIQUES[name]
    document: Content = technique.document(technique.compute(technique.parse(body), workbench))
    return document


class EventChecks:
    """One file's events against one theory."""

    def __init__(self, tolerance: Content, theory: str, workbench: Workbench) -> None:
        self._seconds = tolerance["events_seconds"]
        self._tolerance, self._theory, self._workbench = tolerance, theory, workbench

    def by_list(self) -> dict[str, Callable[[Content], Iterator[str]]]:
        """How the entries of each list are checked."""
        return {
            "stations": self._station,
            "seasons": self._season,
            "moon_phases": self._phase,
            "lunar_eclipses": self._lunar_eclipse,
            "solar_eclipses": self._solar_eclipse,
            "ingresses": self._ingress,
        }

    def _station(self, entry: Content) -> Iterator[str]:
        asked = {"bodies": [entry["body"]]}
        yield from self._near("stations", asked, entry, {"turns": entry["turns"]}, self._allowed("stations", entry))

    def _season(self, entry: Content) -> Iterator[str]:
        wanted = {"to_sign": _SEASONS[entry["kind"]], "motion": "direct"}
        yield from self._near("ingresses", {"bodies": ["sun"]}, entry, wanted, self._allowed("seasons", entry))

    def _phase(self, entry: Content) -> Iterator[str]:
        yield from self._near("lunations", {}, entry, {"phase": entry["kind"]}, self._allowed("moon_phases", entry))

    def _ingress(self, entry: Content) -> Iterator[str]:
        wanted = {"from_sign": SIGNS[entry["from_sign"]], "to_sign": SIGNS[entry["to_sign"]]}
        yield from self._near("ingresses", {"bodies": [entry["body"]]}, entry, wanted, self._allowed("ingresses", entry))

    def _lunar_eclipse(self, entry: Content) -> Iterator[str]:
        found = self._nearest("eclipses", {"eclipses": ["lunar"]}, entry, {})
        yield from self._eclipse(entry, found, self._allowed("lunar_eclipses", entry))
        for field in ("umbral_magnitude", "penumbral_magnitude") if found else ():
            yield from _within(field, entry[field], found[field], self._tolerance["lunar_magnitude"])

    def _solar_eclipse(self, entry: Content) -> Iterator[str]:
        found = self._nearest("eclipses", {"eclipses": ["solar"]}, entry, {})
        yield from self._eclipse(entry, found, self._allowed("solar_eclipses", entry))
        if found:
            yield from _within("gamma", entry["gamma"], found["gamma"], self._tolerance["solar_gamma"])

    def _allowed(self, name: str, entry: Content) -> float:
        """The seconds that an event of a list may be off: one number, or one for each theory or body."""
        allowed = self._seconds[name]
        while isinstance(allowed, dict):
            allowed = allowed[self._theory] if self._theory in allowed else allowed[entry["body"]]
        return float(allowed)

    def _eclipse(self, entry: Content, found: Content | None, seconds: float) -> Iterator[str]:
        yield from self._time(entry, found, seconds)
        kinds = entry.get("kind_any") or [entry["kind"]]
        if found and found["kind"] not in kinds:
            yield f"kind: expected {' or '.join(kinds)}, got {found['kind']}"

    def _near(self, name: str, asked: Content, entry: Content, wanted: Content, seconds: float) -> Iterator[str]:
        yield from self._time(entry, self._nearest(name, asked, entry, wanted), seconds)

    def _nearest(self, name: str, asked: Content, entry: Content, wanted: Content) -> Content | None:
        """Of the events with these fields within ten days, the nearest."""
        events = ask(self._workbench, name, {**around(entry["jd_tt"], 10), **asked})["events"]
        fitting = [event for event in events if all(event[field] == value for field, value in wanted.items())]
        return min(fitting, key=lambda event: abs(event["julian_day_tt"] - entry["jd_tt"]), default=None)

    def _time(self, entry: Content, found: Content | None, seconds: float) -> Iterator[str]:
        if found is None:
            yield "expected such an event within 10 days, got none"
            return
        yield from _within("time in TT, s", 0.0, (found["julian_day_tt"] - entry["jd_tt"]) * _DAY, seconds)
        yield from _within("time in UTC, s", 0.0, seconds_between(entry["ut"], found["utc"]), seconds + _CLOCK_SECONDS)


def sun_times(entry: Content, tolerance: Content, workbench: Workbench) -> Iterator[str]:
    """First rise and set within a day; none in polar day and night."""
    begin = ceil((entry["from_jd_ut1"] + 0.5) * _DAY)
    place = {"latitude": entry["lat"], "longitude": entry["lon"]}
    found = ask(workbench, "rise-set", {**between(begin, begin + _DAY), **place})
    seconds = tolerance["sun_times_seconds"]["above_60_deg" if abs(entry["lat"]) > 60 else "below_60_deg"]
    for kind in ("rise", "set"):
        first = next((event for event in found["events"] if event["event"] == kind), None)
        none = next((each for each in found["none"] if each["event"] == kind), None)
        if entry[kind] is None:
            if first or not none or none["why"] not in ("always_above", "always_below"):
                yield f"{kind}: expected none, got {first or none}"
        elif first is None:
            yield f"{kind}: expected {entry[kind]['ut']}, got none"
        else:
            yield from _within(f"{kind}, s", 0.0, seconds_between(entry[kind]["ut"], first["utc"]), seconds)


def around(julian_day: float, days: int) -> Content:
    """A range of so many days on both sides."""
    middle = round((julian_day + 0.5) * _DAY)
    return between(middle - days * _DAY, middle + days * _DAY)


def between(begin: int, end: int) -> Content:
    return {"start": f"{civil_from_seconds(begin).text}Z", "end": f"{civil_from_seconds(end).text}Z"}


def seconds_between(first: str, second: str) -> int:
    return civil_seconds(civil(second.rstrip("Z"))) - civil_seconds(civil(first.rstrip("Z")))


def _within(name: str, expected: float, got: float, allowed: float) -> Iterator[str]:
    if not abs(got - expected) <= allowed:
        yield f"{name}: expected {expected}, got {got:.4f} (allowed {allowed})"
