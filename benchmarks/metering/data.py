"""A fleet of classic histograms: ten buckets each, Poisson increments, now and then a restart; in slices of time, as servers take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backend.monitoring.promql.labels import Labels, labels_of
from backend.monitoring.promql.samples import Mask, Times, Values

LE = ("0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "+Inf")
BLOCK_MS, SLICE_MS = 7_200_000, 1_800_000  # Prometheus takes no sample that is older than its newest by more than an hour
RESTARTED = 0.01  # of the histograms, once each
MISSING = 0.05  # of the samples of a metric with gaps


@dataclass(frozen=True)
class Fleet:
    """``jobs`` targets of ``histograms`` each, scraped every ``step_ms`` for ``hours`` until ``end`` (a multiple of two hours).

    All series of a target share their instants, which differ from target to target and never fall on a whole second.
    """

    name: str
    jobs: int
    histograms: int
    hours: int
    end: int
    step_ms: int = 15_000
    gaps: bool = False

    @property
    def start(self) -> int:
        return self.end - self.hours * 3_600_000

    @property
    def series(self) -> int:
        return self.jobs * self.histograms * len(LE)

    def labels(self, job: int) -> list[Labels]:
        """The series of one target, histogram by histogram."""
        return [
            labels_of({"__name__": f"{self.name}_bucket", "job": f"job-{job}", "handler": f"/handler/{number}", "le": le})
            for number in range(self.histograms)
            for le in LE
        ]

    def times(self, job: int, begin: int) -> Times:
        """The instants of one slice."""
        return begin + 700 + 1301 * job + np.arange(0, SLICE_MS, self.step_ms, dtype=np.int64)


@dataclass(frozen=True)
class Slice:
    """What one target exposed in half an hour; ``present`` None: all of it was read."""

    job: int
    begin: int
    times: Times
    values: Values
    present: Mask | None


def slices(fleet: Fleet, seed: int = 7) -> Iterator[Slice]:
    """In the order of time, target by target; the same for the same seed."""
    chance = np.random.default_rng(seed)
    count = fleet.histograms
    rates = chance.gamma(0.6, 1.2, (fleet.jobs, count, 1, len(LE)))  # of each bucket by itself, per scrape
    reached = np.zeros((fleet.jobs, count, len(LE)))
    restarts = _restarts(fleet, chance)
    for begin in range(fleet.start, fleet.end, SLICE_MS):
        for job in range(fleet.jobs):
            times = fleet.times(job, begin)
            grown = np.cumsum(chance.poisson(rates[job], (count, len(times), len(LE))), axis=1) + reached[job][:, None, :]
            for histogram, at in restarts.get((job, begin), ()):
                grown[histogram, at:] -= grown[histogram, at - 1]
            reached[job] = grown[:, -1]
            values = np.cumsum(grown, axis=2).transpose(0, 2, 1).reshape(count * len(LE), len(times))
            present = chance.random(values.shape) >= MISSING if fleet.gaps else None
            yield Slice(job, begin, times, np.ascontiguousarray(values, dtype=np.float64), present)


def _restarts(fleet: Fleet, chance: np.random.Generator) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Which histogram begins at zero again, in which slice, from which sample on."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    begins = range(fleet.start, fleet.end, SLICE_MS)
    for _ in range(max(1, round(fleet.jobs * fleet.histograms * RESTARTED))):
        where = int(chance.integers(fleet.jobs)), begins[int(chance.integers(len(begins)))]
        found.setdefault(where, []).append((int(chance.integers(fleet.histograms)), int(chance.integers(1, SLICE_MS // fleet.step_ms))))
    return found
