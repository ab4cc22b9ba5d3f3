"""The metrics of the embedded metrics store, read when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True)
class StoreFigures:
    """What the store holds (None: it cannot be read now), and what it could not keep. ``dropped`` is by reason."""

    series: int | None
    bytes: int | None
    chunks: int | None
    head_rows: int | None
    damaged: int
    failed_writes: int
    dropped: Mapping[str, int]


ReadStore = Callable[[], StoreFigures]


class MetricsStoreCollector(Collector):
    """Costs nothing until it is asked."""

    def __init__(self, read: ReadStore) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        figures = self._read()
        held = (
            ("series", "Series of which the metrics store has samples.", figures.series),
            ("bytes", "Size of all files of the metrics store.", figures.bytes),
            ("chunks", "Compressed chunks in the metrics store.", figures.chunks),
            ("head_rows", "Scrapes and writes that are not in a chunk yet.", figures.head_rows),
        )
        for name, text, value in held:
            if value is not None:
                yield GaugeMetricFamily(f"astrolabe_metrics_store_{name}", text, value)
        lost = (
            ("damaged", "Parts of the metrics store that could not be read back.", figures.damaged),
            ("failed_writes", "Scrapes and writes lost to a full or broken disk.", figures.failed_writes),
        )
        for name, text, value in lost:
            yield CounterMetricFamily(f"astrolabe_metrics_store_{name}", text, value)
        dropped = CounterMetricFamily("astrolabe_metrics_samples_dropped", "Samples the metrics store did not take in.", labels=["reason"])
        for reason, number in sorted(figures.dropped.items()):
            dropped.add_metric([reason], number)
        yield dropped
