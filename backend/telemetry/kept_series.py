"""The metrics of what a process keeps of its answers, read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class KeptFigures(NamedTuple):
    """Answers kept now, their bytes, and how many had to go since the process started."""

    entries: int
    bytes: int
    evictions: int


ReadKept = Callable[[], KeptFigures]


class KeptCollector(Collector):
    """Costs nothing until it is asked."""

    def __init__(self, read: ReadKept) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        figures = self._read()
        yield GaugeMetricFamily("astrolabe_chart_cache_entries", "Answers kept in this process.", figures.entries)
        yield GaugeMetricFamily("astrolabe_chart_cache_bytes", "Bytes that they take.", figures.bytes)
        yield CounterMetricFamily("astrolabe_chart_cache_evictions", "Answers that had to go for others.", figures.evictions)
