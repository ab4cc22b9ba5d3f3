"""The words around a wheel: its title, and the lines of its corners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from backend.charts.vocabulary import AYANAMSA_TITLES, HOUSE_SYSTEM_TITLES

Document = Mapping[str, Any]
KINDS = {1: "Wheel", 2: "Bi-wheel", 3: "Tri-wheel"}
_AYANAMSAS = {str(name): title for name, title in AYANAMSA_TITLES.items()}
_SYSTEMS = {str(system): title for system, title in HOUSE_SYSTEM_TITLES.items()}


class Line(NamedTuple):
    """One line of a corner; a strong one is a name."""

    words: str
    strong: bool = False


def heading(charts: Sequence[Document]) -> str:
    """What the picture is: 'Wheel: Anna'."""
    return f"{KINDS[len(charts)]}: {', '.join(name(chart) for chart in charts)}"


def name(chart: Document) -> str:
    """A chart's own title or name; its kind where it has neither."""
    given = chart.get("title") or chart.get("name")
    kind = str(chart.get("kind") or "").replace("_", " ").replace("-", " ")
    return str(given) if given else f"{kind.capitalize()} chart".strip().capitalize()


def upper_left(charts: Sequence[Document]) -> list[Line]:
    """Whose charts, and of when and where; several are numbered from the middle outwards, the third stands at the right."""
    return [line for number, chart in enumerate(charts[:2], 1) for line in _lines(chart, number, len(charts))]


def upper_right(charts: Sequence[Document]) -> list[Line]:
    """A third chart; houses and zodiac of the first, and from where it is seen."""
    first = charts[0]
    system, center = house_system(first), str((first.get("settings") or {}).get("center") or "geocentric")
    told = (f"Houses: {system}" if system else "No houses", zodiac(first), "" if center == "geocentric" else center.capitalize())
    third = [line for chart in charts[2:] for line in _lines(chart, 3, len(charts))]
    return [*third, *(Line(words) for words in told if words)]


def _lines(chart: Document, number: int, count: int) -> Iterator[Line]:
    yield Line(f"{number}  {name(chart)}" if count > 1 else name(chart), True)
    told = [words for words in (when(chart), where(chart)) if words]
    yield from (Line(words) for words in (told[:1] if count > 2 else told))


def notes(charts: Sequence[Document]) -> Iterator[str]:
    """The lower right corner: what is to be known before the wheel is read."""
    for number, chart in enumerate(charts, 1):
        whose = f"Chart {number}: " if len(charts) > 1 else ""
        yield from (f"{whose}{note}" for note in _notes(chart))
        if number == 1 and not chart.get("angles"):
            yield "0° Aries at the left"


def _notes(chart: Document) -> Iterator[str]:
    if time_unknown(chart):
        yield "Birth time unknown, no houses. Places of local noon; the arc is the Moon's day"
    replaced = house_system_replaced(chart)
    if replaced:
        yield replaced
    if chart.get("degraded"):
        yield f"Degraded: {_why(chart)}"


def when(chart: Document) -> str:
    """Local time with its offset, or the instant in UTC."""
    moment = chart.get("moment") or {}
    local, offset = moment.get("local"), moment.get("utc_offset_seconds")
    if not local:
        return _clock(str(moment.get("utc") or chart.get("utc") or "")).replace("Z", " UTC")
    if time_unknown(chart):
        return str(local).partition("T")[0] + ", time unknown"
    calendar = " (Julian calendar)" if moment.get("calendar") == "julian" else ""
    return _clock(str(local)) + (f" {_offset(int(offset))}" if offset is not None else "") + calendar


def where(chart: Document) -> str:
    """The place by name, else by coordinates."""
    place = chart.get("place") or {}
    named = ", ".join(str(part) for part in (place.get("name"), place.get("country")) if part)
    if named or place.get("latitude_degrees") is None:
        return named
    return f"{_coordinate(place['latitude_degrees'], 'N', 'S')} {_coordinate(place['longitude_degrees'], 'E', 'W')}"


def zodiac(chart: Document) -> str:
    """'Tropical', or 'Sidereal, Lahiri'; empty where the document does not say."""
    chosen = chart.get("settings") or {}
    if chosen.get("zodiac") != "sidereal":
        return str(chosen.get("zodiac") or "").capitalize()
    return f"Sidereal, {_AYANAMSAS.get(str(chosen.get('ayanamsa')), 'ayanamsa of its own')}"


def house_system(chart: Document) -> str:
    """The title of the system that the cusps are of; empty without cusps."""
    houses = chart.get("houses") or {}
    used = houses.get("used") or houses.get("system")
    return _SYSTEMS.get(str(used), str(used)) if used and houses.get("cusps") else ""


def house_system_replaced(chart: Document) -> str:
    """That another system stands in for the one asked for; empty if not."""
    houses = chart.get("houses") or {}
    requested, used = houses.get("requested"), houses.get("used")
    if not requested or not used or requested == used:
        return ""
    return f"{_SYSTEMS.get(requested, requested)} houses do not exist at this latitude: {_SYSTEMS.get(used, used)} in their place"


def time_unknown(chart: Document) -> bool:
    """Whether the chart is of a day, not of a moment."""
    return chart.get("time_known") is False or (chart.get("moment") or {}).get("time_known") is False


def _why(chart: Document) -> str:
    return "; ".join(str(each.get("detail") or each.get("why") or each.get("what")) for each in chart["degraded"])


def _clock(text: str) -> str:
    """An instant for people: without seconds where they are zero."""
    day, _, time = text.partition("T")
    zone = "Z" if time.endswith("Z") else ""
    time = time.removesuffix("Z")
    return f"{day} {time.removesuffix(':00') if time.count(':') == 2 else time}".strip() + zone


def _offset(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    minutes = f":{rest // 60:02d}" if rest else ""
    exact = f":{rest % 60:02d}" if rest % 60 else ""
    return "UTC" if not seconds else f"UTC{'−' if seconds < 0 else '+'}{hours}{minutes}{exact}"


def _coordinate(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.2f}° {positive if value >= 0 else negative}"
