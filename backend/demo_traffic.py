"""The demo's callers: real requests to the running API, mixed and bounded, so that every screen has something true to show."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.integrations.http_client import Fetch, Fetcher

MOST_PER_SECOND = 50.0
LONGEST_SECONDS = 3600.0
_ANSWER_SECONDS = 10.0

# Towns and moments, not people: none of these is anybody's birth.
_FAMILIAR = (
    "Berlin, DE",
    "Paris",
    "London",
    "Munich",
    "New York",
    "Tokyo",
    "São Paulo",
    "Springfield, US",
    "Cairo",
    "Sydney",
    "Lima",
    "Oslo",
)
# So many that most questions are new ones: an answer that was kept spares the geocoder a call, and its circuit a story.
_TOWNS = """
Aarhus Accra Adelaide Algiers Antwerp Asunción Athens Auckland Baku Bari Basel Belgrade Bergen Bilbao
Bogotá Boston Bratislava Bremen Brno Bruges Bucharest Budapest Calgary Cardiff Casablanca Chicago Cologne Cork
Coimbra Cuenca Dakar Denver Dresden Dublin Durban Edinburgh Fukuoka Geneva Genoa Ghent Glasgow Gothenburg
Granada Graz Hamburg Hanoi Havana Helsinki Hobart Istanbul Izmir Jakarta Kraków Kyoto Lagos Lausanne
Leeds Leipzig Lisbon Ljubljana Lyon Madrid Manila Marseille Melbourne Milan Montevideo Montreal Mumbai Nairobi
Nantes Naples Odesa Osaka Palermo Perth Porto Prague Quito Reykjavík Riga Rotterdam Salzburg Santiago
Sarajevo Seattle Seville Sofia Stockholm Tallinn Tbilisi Tirana Toronto Tunis Turin Utrecht Valencia Vienna
Vilnius Warsaw Wellington Zagreb Zürich
"""
_OTHERS = tuple(_TOWNS.split())
_POINTS = (
    (52.52, 13.405, "Europe/Berlin"),
    (-33.87, 151.21, "Australia/Sydney"),
    (35.68, 139.69, "Asia/Tokyo"),
    (40.71, -74.01, "America/New_York"),
)
_HOUSES = ("placidus", "koch", "whole_sign", "equal")
_BAD = (
    {"date": "2021-02-30", "time": "12:00", "time_zone": "UTC", "latitude": 0, "longitude": 0},
    {"date": "2001-01-01", "time": "12:00", "time_zone": "Mars/Olympus", "latitude": 0, "longitude": 0},
    {"date": "2001-01-01", "time": "12:00", "time_zone": "UTC", "latitude": 95, "longitude": 0},
    {"date": "2001-01-01", "time": "12:00", "place": "Xyzzyville the Unfindable"},
)


@dataclass(frozen=True)
class Asked:
    """One request to make."""

    kind: str
    method: str
    path: str
    document: dict[str, Any] | None = None


@dataclass
class Driven:
    """What was asked, by kind, and what came back, by status (0: nothing came)."""

    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    degraded: int = 0

    @property
    def requests(self) -> int:
        return sum(self.asked.values())


def drive(
    api_base: str,
    key: str,
    seconds: float,
    rate: float,
    random: Callable[[], float],
    clock: Clock,
    fetch: Fetch | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Driven:
    """Ask ``rate`` times a second for ``seconds``, one at a time; fewer where the API is slower. Ends early when ``stop()``."""
    fetch = fetch or Fetcher("api", clock)
    rate, seconds = min(rate, MOST_PER_SECOND), min(seconds, LONGEST_SECONDS)
    driven, began = Driven(), clock.monotonic()
    for number in range(int(rate * seconds)):
        wait = began + number / rate - clock.monotonic()
        if wait > 0:
            clock.sleep(wait)
        if stop() or clock.monotonic() - began >= seconds:
            break
        _ask(asked(random), api_base, key, fetch, driven)
    return driven


def asked(random: Callable[[], float]) -> Asked:
    """Half are charts by place, a quarter charts by coordinates, then place searches, and a few that are wrong."""
    chance = random()
    if chance < 0.5:
        return Asked("chart_by_place", "POST", "/v1/charts", {**_moment(random), "place": _place(random)})
    if chance < 0.75:
        latitude, longitude, zone = _one_of(_POINTS, random)
        point = {"latitude": latitude, "longitude": longitude, "time_zone": zone}
        return Asked("chart_by_coordinates", "POST", "/v1/charts", {**_moment(random), **point})
    if chance < 0.95:
        return Asked("place_search", "GET", "/v1/places?" + urlencode({"q": _place(random)}))
    return Asked("wrong", "POST", "/v1/charts", dict(_one_of(_BAD, random)))


def _moment(random: Callable[[], float]) -> dict[str, Any]:
    date = f"{1930 + int(random() * 90)}-{1 + int(random() * 12):02d}-{1 + int(random() * 28):02d}"
    return {"date": date, "time": f"{4 + int(random() * 20):02d}:{int(random() * 60):02d}", "house_system": _one_of(_HOUSES, random)}


def _place(random: Callable[[], float]) -> str:
    """A third are asked again and again, as in life."""
    return str(_one_of(_FAMILIAR if random() < 1 / 3 else _OTHERS, random))


def _one_of(choices: tuple[Any, ...], random: Callable[[], float]) -> Any:
    return choices[min(int(random() * len(choices)), len(choices) - 1)]


def _ask(request: Asked, api_base: str, key: str, fetch: Fetch, driven: Driven) -> None:
    driven.asked[request.kind] += 1
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    body = None if request.document is None else json.dumps(request.document).encode()
    try:
        answer = fetch(request.method, f"{api_base}{request.path}", seconds=_ANSWER_SECONDS, headers=headers, body=body)
    except DependencyFailed:
        driven.answered[0] += 1
        return
    driven.answered[answer.status] += 1
    driven.degraded += _is_degraded(answer.body) if answer.status == 200 else False


def _is_degraded(body: bytes) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False
    return isinstance(document, dict) and bool(document.get("degraded"))
