"""Two runs beside each other: what was asked otherwise, what came of it, and whether the clock alone explains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from backend.regression.differences import Comparison, compare
from backend.regression.values import Difference, Tolerance, largest_arcseconds, ranked
from components import markup
from components.times import SPACE, span
from components.views import differences as words
from components.wording import say

MOST_ROWS = 40
TOLERANCES = (0.01, 0.1, 1.0, 30.0, 60.0, 3600.0)
Body = dict[str, Any]
Document = Mapping[str, Any]
_SIDEREAL_FIELDS = ("ayanamsa", "custom_ayanamsa")
_UTC_FIELDS = ("place", "fold", "time_zone", "latitude", "longitude", "date", "time", "calendar")


@dataclass(frozen=True)
class Sight:
    """A comparison ready to be drawn: its differences ranked, how many are beyond, and what is left over at the same instant."""

    comparison: Comparison
    tolerance: Tolerance
    figures: tuple[Difference, ...]
    beyond: int
    left_over: Mapping[str, Difference] | None
    explained: bool
    clock_seconds: float

    @property
    def largest(self) -> Difference | None:
        """The first of those that differ most."""
        return self.figures[0] if self.figures else None


def sight(left: Document, right: Document, tolerance: Tolerance, same_instant: Document | None = None) -> Sight:
    """``same_instant``: the right request at the left one's instant, where the two are not at the same."""
    comparison = compare(left, right)
    figures = tuple(ranked(comparison.figures, tolerance))
    beyond = sum(not tolerance.allows(one) for one in figures)
    rest = compare(left, same_instant).figures if same_instant is not None else None
    left_over = None if rest is None else {one.path: one for one in rest}
    explained = bool(figures) and rest is not None and all(tolerance.allows(one) for one in rest)
    return Sight(comparison, tolerance, figures, beyond, left_over, explained, clock_seconds(left, right))


def clock_seconds(left: Document, right: Document) -> float:
    """How much later the right one's instant is; 0 where either has none."""
    days = [one.get("moment", {}).get("julian_day_ut1") for one in (left, right)]
    return 0.0 if None in days else (days[1] - days[0]) * 86400.0


def at_the_same_instant(body: Body, left: Document, right: Document) -> Body | None:
    """The right request at the left one's instant, to tell the clock's part from all else; None where the instants are the same."""
    moment, place = left.get("moment", {}), right.get("place", {})
    if abs(clock_seconds(left, right)) < 0.001 or "utc" not in moment or "latitude_degrees" not in place:
        return None
    date, _, time = str(moment["utc"]).rstrip("Z").rpartition("T")
    kept = {name: value for name, value in body.items() if name not in _UTC_FIELDS}
    return {
        **kept,
        "date": date,
        "time": time,
        "time_zone": "UTC",
        "calendar": "gregorian",  # UTC is, whatever calendar the local date is in
        "latitude": place["latitude_degrees"],
        "longitude": place["longitude_degrees"],
    }


def changed(body: Body, chosen: Mapping[str, str]) -> Body:
    """The same request with other settings; an empty one stays as it is."""
    made = {**body, **{name: value for name, value in chosen.items() if value}}
    if made.get("zodiac", "tropical") == "tropical":
        for name in _SIDEREAL_FIELDS:
            made.pop(name, None)
    return made


def verdict(seen: Sight) -> tuple[str, str, str]:
    """Kind, headline and what goes with it."""
    counted, count = seen.comparison.compared, len(seen.figures)
    if not count:
        return "ok", say("compare.nothing"), say("compare.nothing_more", count=counted)
    largest = words.size_words(largest_arcseconds(seen.figures))
    if seen.explained:
        detail = say("compare.explained_more", largest=largest, left=words.size_words(_left_most(seen)))
        return "watch", say("compare.explained", count=count, clock=_clock_words(seen.clock_seconds)), detail
    if not seen.beyond:
        return (
            "ok",
            say("compare.within", tolerance=tolerance_words(seen.tolerance)),
            say("compare.within_more", count=count, largest=largest),
        )
    first = markup.text(words.label(seen.figures[0].path))
    headline = say("compare.differ", beyond=seen.beyond, count=counted, tolerance=tolerance_words(seen.tolerance))
    return "watch", headline, say("compare.differ_more", first=first, amount=words.amount(seen.figures[0]))


def _left_most(seen: Sight) -> float:
    return largest_arcseconds(tuple((seen.left_over or {}).values()))


def _clock_words(seconds: float) -> str:
    return span(timedelta(seconds=abs(seconds)))


def tolerance_words(tolerance: Tolerance) -> str:
    """'1″ and 1 s'."""
    return f"{tolerance.arcseconds:g}″ and {tolerance.seconds:g}{SPACE}s"


def asked_rows(seen: Sight) -> list[dict[str, str]]:
    """What was asked otherwise, and what it was computed with, where that differs."""
    return [
        {"Setting": markup.text(words.label(one.path)), "Run A": _cell(one, one.left), "Run B": _cell(one, one.right)}
        for one in (*seen.comparison.asked, *seen.comparison.made_with)
        if not one.path.endswith("settings_sha256")
    ]


def _cell(one: Difference, side: Any) -> str:
    return markup.text(markup.short(words.value(one, side), 60))


def rows(seen: Sight, most: int = MOST_ROWS) -> list[dict[str, tuple[str, str]]]:
    """The differences, the largest first, as (kind, words) by column; what is more is counted, not hidden."""
    return [_row(one, seen) for one in seen.figures[:most]]


def _row(one: Difference, seen: Sight) -> dict[str, tuple[str, str]]:
    beyond = not seen.tolerance.allows(one)
    row = {
        "Value": ("strong", markup.text(words.label(one.path))),
        "Run A": ("", _cell(one, one.left)),
        "Run B": ("", _cell(one, one.right)),
        "B − A": ("bad" if beyond else "", words.amount(one)),
    }
    if seen.left_over is None:
        return {**row, "Verdict": ("watch", say("compare.beyond")) if beyond else ("ok", say("compare.small"))}
    rest = seen.left_over.get(one.path)
    explained = rest is None or seen.tolerance.allows(rest)
    verdict_cell = ("ok", say("compare.explained_word")) if explained else ("watch", say("compare.beyond"))
    return {**row, "Left over": ("", say("compare.none") if rest is None else words.amount(rest)), "Verdict": verdict_cell}


def lesser(document: Document) -> list[str]:
    """What is lesser about a document, one sentence each."""
    return [markup.sentence(str(one.get("detail", ""))) for one in document.get("degraded", [])]


def about(document: Document) -> str:
    """Instant, place and settings of a run in one line; no name."""
    moment, place, chosen = document.get("moment", {}), document.get("place", {}), document.get("settings", {})
    if not moment:
        return markup.text(str(document.get("kind", "")).replace("-", " "))
    local = markup.text(str(moment.get("local", "")).replace("T", " "))
    where = ", ".join(str(part) for part in (place.get("name"), place.get("country")) if part)
    spot = f"{place.get('latitude_degrees', 0.0):.2f}, {place.get('longitude_degrees', 0.0):.2f}".replace("-", "−")
    house = str(chosen.get("house_system", "")).replace("_", " ")
    return f"**{local}** {markup.text(moment.get('time_zone', ''))} · {markup.text(where or spot)} · {markup.text(house)}"


def made_with(document: Document) -> str:
    """What it was computed with, in one short note."""
    origin = document.get("provenance", {})
    parts = (origin.get("library"), str(origin.get("ephemeris_mode") or "").replace("_", " "), f"zones {origin.get('time_zone_version')}")
    return " · ".join(markup.text(part) for part in parts if part)


def case_words(case: Any, clock: Any) -> str:
    """What a case is called: its title, else its technique and time."""
    name = case.title or f"{case.technique} {clock.bare(case.created_at)}"
    return f"{name} ({case.owner_name})" if case.is_shared and case.owner_name else name
