"""Metrics that are read when somebody asks, where they are kept anyway: they cost nothing until then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from backend.telemetry.definitions import MOST_CHILDREN, Reading, Row, Spread

Read = Callable[[], Iterable[Reading]]
Overflow = Callable[[str], None]
_FAMILIES: dict[str, Callable[..., Any]] = {
    "counter": CounterMetricFamily,
    "gauge": GaugeMetricFamily,
    "histogram": HistogramMetricFamily,
}


class ReadingsCollector(Collector):
    """All that is read, in one collector, as a metric may stand in an exposition only once whoever gives parts of it."""

    def __init__(self, overflow: Overflow) -> None:
        self._reads: list[Read] = []
        self._overflow = overflow

    def add(self, read: Read) -> None:
        """The same again changes nothing, as a console may start more than once in a process."""
        if read not in self._reads:
            self._reads.append(read)

    def describe(self) -> Iterable[Family]:
        """Nothing, so that nobody is asked at registration."""
        return ()

    def collect(self) -> Iterable[Family]:
        families: dict[str, Any] = {}
        for reading in (reading for read in tuple(self._reads) for reading in read()):
            metric = reading.metric
            family = families.setdefault(metric.name, _FAMILIES[metric.kind](metric.family, metric.help, labels=tuple(metric.labels)))
            for row in self._bounded(metric.name, reading.rows):
                _add(family, row, reading.bounds or metric.bounds)
        return families.values()

    def _bounded(self, name: str, rows: Sequence[Row]) -> Sequence[Row]:
        for _ in rows[MOST_CHILDREN:]:
            self._overflow(name)
        return rows[:MOST_CHILDREN]


def _add(family: Any, row: Row, bounds: Sequence[float]) -> None:
    if isinstance(row.value, Spread):
        names = [*map(str, map(float, bounds)), "+Inf"]
        family.add_metric(row.labels, list(zip(names, map(float, accumulate(row.value.counts)), strict=True)), row.value.total)
    else:
        family.add_metric(row.labels, row.value)
