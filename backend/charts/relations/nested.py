"""Natal requests inside other requests: computed with their problems under their own field, their degradations joined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from backend.answer import Answer, Degradation
from backend.charts.engine.chart import Chart, Provenance
from backend.charts.engine.request import ChartRequest
from backend.charts.technique import Workbench
from backend.charts.vocabulary import Mode
from backend.errors import FieldProblem, InvalidRequest


def natal_part(field: str, request: ChartRequest, workbench: Workbench) -> Answer[Chart]:
    """The chart of a nested request; what shows only now (a clock's gap, an unknown place) is a problem of ``field``."""
    with problems_under(field):
        return workbench.natal(request)


@contextmanager
def problems_under(field: str) -> Iterator[None]:
    """Problems raised inside carry ``field`` in front of their own."""
    try:
        yield
    except InvalidRequest as error:
        problems = (FieldProblem(f"{field}.{each.field}", each.code, each.detail) for each in error.problems)
        raise InvalidRequest(*problems) from None


def union(*degraded: tuple[Degradation, ...]) -> tuple[Degradation, ...]:
    """All degradations in order, none twice."""
    return tuple(dict.fromkeys(each for some in degraded for each in some))


def made_with(settings: str, workbench: Workbench, *natal: Chart) -> Provenance:
    """The provenance of what these charts were put together to; Moshier where any of them is."""
    modes = {chart.provenance.mode for chart in natal}
    return workbench.provenance(settings)._replace(mode=Mode.MOSHIER if Mode.MOSHIER in modes else Mode.FILES)
