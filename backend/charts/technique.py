"""What every technique is: a request read strictly, a calculation on a workbench, a document that says what it was made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from backend.answer import Answer
from backend.charts.budget import Budget
from backend.charts.document import Document
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.ephemeris import Sky
from backend.charts.engine.request import ChartRequest

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V")
T = TypeVar("T")
Json = dict[str, Any]


class Workbench(Protocol):
    """What a technique computes with."""

    def natal(self, request: ChartRequest, at_julian_day_tt: float | None = None) -> Answer[Chart]:
        """The chart of a moment and place: time zone, place and houses settled; ``at_julian_day_tt``: exactly then."""

    def run(self, job: Callable[[Sky], T]) -> T:
        """A short calculation on the thread that owns the ephemeris."""

    def search(self, job: Callable[Concatenate[Sky, Budget, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A long calculation: a function of a module (it may travel to another process) that asks its budget as it goes."""

    def provenance(self, settings: str) -> Provenance:
        """What this process computes with; ``settings``: the canonical text of what was asked for, which is kept as a digest."""


@dataclass(frozen=True, slots=True)
class Technique(Generic[R, V]):
    """One resource of the API: ``POST /v1/<name>``; the same in the console and in a terminal.

    ``parse`` raises InvalidRequest with a problem per wrong field. ``document`` has a stable order, units in its names, and begins with
    ``kind`` and ``degraded``. ``request_schema`` and ``answer_schema`` are JSON Schema; each of ``examples`` is a body that works.
    """

    name: str
    title: str
    summary: str
    parse: Callable[[Mapping[str, Any]], R]
    compute: Callable[[R, Workbench], Answer[V]]
    document: Callable[[Answer[V]], Document]
    request_schema: Json
    answer_schema: Json
    examples: Mapping[str, Json] = field(default_factory=dict)
    searches: bool = False
