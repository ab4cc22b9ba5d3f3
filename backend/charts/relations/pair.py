"""Two natal requests in one: read, and made sure to speak of the same zodiac."""

from __future__ import annotations

from typing import NamedTuple

from backend.answer import Answer, Degradation
from backend.charts.document import Document
from backend.charts.engine.chart import Chart
from backend.charts.engine.request import ChartRequest, parse_request
from backend.charts.reading import Reader
from backend.charts.relations.nested import natal_part, union
from backend.charts.rounding import cut
from backend.charts.technique import Workbench

PAIR_FIELDS = ("first", "second")
_FRAME = ("zodiac", "ayanamsa", "custom_ayanamsa", "center")


class Pair(NamedTuple):
    """Two people, as asked for."""

    first: ChartRequest
    second: ChartRequest


class Charts(NamedTuple):
    """Two computed charts, and what is lesser about either."""

    first: Answer[Chart]
    second: Answer[Chart]

    @property
    def degraded(self) -> tuple[Degradation, ...]:
        return union(self.first.degraded, self.second.degraded)

    @property
    def settings(self) -> str:
        """What both charts were asked for, as text for a digest."""
        return f"{self.first.value.provenance.settings_sha256}|{self.second.value.provenance.settings_sha256}"


def read_pair(reader: Reader, alike: tuple[str, ...] = ()) -> Pair | None:
    """Both requests; they have to agree in what makes longitudes comparable, and in the fields named ``alike``."""
    first, second = reader.part("first", parse_request), reader.part("second", parse_request)
    if first is None or second is None:
        return None
    for field in (*_FRAME, *alike):
        if getattr(first, field) != getattr(second, field):
            reader.wrong(f"second.{field}", "conflict", f"must be the same {field} as in the first chart")
    return Pair(first, second)


def compute_pair(pair: Pair, workbench: Workbench) -> Charts:
    """Both charts; a problem that shows only now (a clock's gap, an unknown place) is named with its chart."""
    return Charts(natal_part("first", pair.first, workbench), natal_part("second", pair.second, workbench))


def origin(chart: Chart) -> Document:
    """One of the two in short: who, when and where."""
    place = chart.place
    return {
        "name": chart.request.name,
        "utc": f"{chart.local.utc.text}Z",
        "julian_day_tt": round(chart.moment.julian_day_tt, 9),
        "latitude_degrees": cut(place.latitude_degrees),
        "longitude_degrees": cut(place.longitude_degrees),
        "place": place.name,
    }
