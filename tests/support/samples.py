"""Samples in memory, for whatever asks a SampleSource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from backend.monitoring.promql.labels import Labels, Matcher, labels_of
from backend.monitoring.promql.samples import Block, stale_among


class MemorySamples:
    """A SampleSource; later samples of the same time replace earlier ones."""

    def __init__(self, series_per_block: int = 100) -> None:
        self._series: dict[Labels, dict[int, float]] = {}
        self._per_block = series_per_block

    def add(self, labels: Mapping[str, str], samples: Sequence[tuple[int, float]]) -> MemorySamples:
        """``samples`` as (ms, value)."""
        self._series.setdefault(labels_of(dict(labels)), {}).update(dict(samples))
        return self

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Iterator[Block]:
        found = [labels for labels in self._series if all(matcher.matches(dict(labels).get(matcher.name, "")) for matcher in matchers)]
        for begin in range(0, len(found), self._per_block):
            yield self._block(found[begin : begin + self._per_block], start, end)

    def _block(self, chosen: Sequence[Labels], start: int, end: int) -> Block:
        rows = [{time: value for time, value in self._series[labels].items() if start < time <= end} for labels in chosen]
        times = np.array(sorted({time for row in rows for time in row}), dtype=np.int64)
        values = np.zeros((len(rows), len(times)))
        present = np.zeros(values.shape, dtype=bool)
        for index, row in enumerate(rows):
            places = np.searchsorted(times, sorted(row))
            values[index, places] = [row[time] for time in sorted(row)]
            present[index, places] = True
        return Block(chosen, times, values, None if present.all() else present, bool(stale_among(values).any()))
