"""Searches of every temper, for a process that does them."""

from __future__ import annotations

import os
import time
from typing import NoReturn

from backend.charts.budget import Budget
from backend.charts.engine.ephemeris import Sky
from backend.charts.events.findings import Findings, Origin
from backend.charts.vocabulary import Body, Mode
from backend.errors import FieldProblem, InvalidRequest


def sun(sky: Sky, budget: Budget, julian_day_tt: float, *, doubled: bool = False) -> float:
    budget.check()
    return sky.ecliptic(julian_day_tt, Body.SUN)[0] * (2 if doubled else 1)


def patient(_sky: Sky, budget: Budget, seconds: float) -> str:
    """Takes its time, and asks its budget all along."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        budget.check()
    return "done"


def deaf(_sky: Sky, _budget: Budget, seconds: float) -> str:
    """Asks nobody."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        pass
    return "done"


def long_list(_sky: Sky, _budget: Budget, count: int) -> Findings[int]:
    return Findings(tuple(range(count)), Origin(Mode.FILES, (Body.SUN,)))


def refusing(_sky: Sky, _budget: Budget) -> NoReturn:
    raise InvalidRequest(FieldProblem("end", "too_many_events", "are too many"), FieldProblem("start", "odd", "is odd"))


def broken(_sky: Sky, _budget: Budget, secret: str) -> NoReturn:
    raise ZeroDivisionError(secret)


def dying(_sky: Sky, _budget: Budget) -> NoReturn:
    os._exit(3)
