"""The metrics of the dependencies a process calls: sums that are kept anyway, read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

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


class DependencyCollector(Collector):
    """Costs nothing until it is asked."""

    def __init__(self, read: ReadFigures) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that no dependency is asked at registration."""
        return ()

    def collect(self) -> Iterable[Metric]:
        figures = list(self._read())
        yield _sums("calls", "Calls to a dependency, by outcome.", "outcome", figures, lambda each: each.outcomes)
        yield _durations(figures)
        yield _sums("retries", "Calls made again, by what had failed.", "after", figures, lambda each: each.retries)
        yield _sums("budget_refusals", "Repetitions that the budget refused.", "of", figures, lambda each: each.budget_refusals)
        yield _sums("answers", "Answers by where they came from.", "source", figures, lambda each: each.answers)
        yield _sums("hedges", "Calls asked a second time, and how often the second answer counted.", "won", figures, _hedges)
        yield _sums("faults_injected", "Trouble made on purpose, by kind.", "fault", figures, lambda each: each.faults)
        yield _one("bulkhead_refusals", "Calls refused because too many were under way.", figures, lambda each: each.bulkhead_refusals)
        yield _gauge("bulkhead_limit", "Calls that may be under way at a time.", figures, lambda each: each.bulkhead_limit)
        yield _gauge("bulkhead_in_flight", "Calls under way now.", figures, lambda each: each.bulkhead_in_flight)
        yield _gauge("budget_left", "Repetitions that the budget allows now.", figures, lambda each: each.budget_left)


def _hedges(figures: DependencyFigures) -> Labelled:
    return {"true": figures.hedges_won, "false": figures.hedges - figures.hedges_won}


def _sums(
    name: str, text: str, label: str, figures: Iterable[DependencyFigures], read: Callable[[DependencyFigures], Labelled]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"astrolabe_dependency_{name}", text, labels=["dependency", label])
    for each in figures:
        for value, count in sorted(read(each).items()):
            family.add_metric([each.name, value], count)
    return family


def _one(name: str, text: str, figures: Iterable[DependencyFigures], read: Callable[[DependencyFigures], int]) -> CounterMetricFamily:
    family = CounterMetricFamily(f"astrolabe_dependency_{name}", text, labels=["dependency"])
    for each in figures:
        family.add_metric([each.name], read(each))
    return family


def _gauge(name: str, text: str, figures: Iterable[DependencyFigures], read: Callable[[DependencyFigures], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"astrolabe_dependency_{name}", text, labels=["dependency"])
    for each in figures:
        family.add_metric([each.name], read(each))
    return family


def _durations(figures: Iterable[DependencyFigures]) -> HistogramMetricFamily:
    family = HistogramMetricFamily("astrolabe_dependency_call_seconds", "Time of a call.", labels=["dependency"])
    for each in figures:
        total, buckets = 0, []
        for bound, count in zip([*map(str, each.bounds), "+Inf"], each.counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric([each.name], buckets, each.seconds)
    return family
