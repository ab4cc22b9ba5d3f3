"""The metrics of the dependencies a process calls: sums that are kept anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.telemetry import api_metrics as metrics
from backend.telemetry.definitions import Metric, Reading, Row, Spread

Labelled = Mapping[str, int]


@dataclass(frozen=True)
class DependencyFigures:
    """One dependency, since the process started. ``bounds`` in seconds; ``counts`` has one more, for what lies beyond."""

    name: str
    outcomes: Labelled  # by outcome; of calls that were refused, by the refusal's code
    bounds: Sequence[float]
    counts: Sequence[int]
    seconds: float
    retries: Labelled  # by what was retried
    budget_refusals: Labelled  # by who asked
    answers: Labelled  # by source
    hedges: int
    hedges_won: int
    bulkhead_refusals: int
    faults: Labelled  # injected, by kind
    bulkhead_limit: int
    bulkhead_in_flight: int
    budget_left: float


ReadFigures = Callable[[], Iterable[DependencyFigures]]


def readings(figures: DependencyFigures) -> list[Reading]:
    """What stands in an exposition of one dependency."""
    return [
        _sums(metrics.CALLS, figures.name, figures.outcomes),
        Reading(metrics.CALL_SECONDS, (Row((figures.name,), Spread(figures.counts, figures.seconds)),), figures.bounds),
        _sums(metrics.RETRIES, figures.name, figures.retries),
        _sums(metrics.BUDGET_REFUSALS, figures.name, figures.budget_refusals),
        _sums(metrics.ANSWERS, figures.name, figures.answers),
        _sums(metrics.HEDGES, figures.name, {"true": figures.hedges_won, "false": figures.hedges - figures.hedges_won}),
        _sums(metrics.FAULTS, figures.name, figures.faults),
        _one(metrics.BULKHEAD_REFUSALS, figures.name, figures.bulkhead_refusals),
        _one(metrics.BULKHEAD_LIMIT, figures.name, figures.bulkhead_limit),
        _one(metrics.BULKHEAD_IN_FLIGHT, figures.name, figures.bulkhead_in_flight),
        _one(metrics.BUDGET_LEFT, figures.name, figures.budget_left),
    ]


def _sums(metric: Metric, dependency: str, sums: Labelled) -> Reading:
    return Reading(metric, [Row((dependency, value), count) for value, count in sorted(sums.items())])


def _one(metric: Metric, dependency: str, value: float) -> Reading:
    return Reading(metric, (Row((dependency,), value),))
