"""The metrics benchmark gives both servers the same samples, and sees a difference between their answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.monitoring.embedded.reader import MetricsReader
from backend.monitoring.embedded.remote_write import decoded
from backend.monitoring.promql.labels import NAME, Labels, Match, Matcher
from benchmarks.metering import own
from benchmarks.metering.asking import apart
from benchmarks.metering.data import BLOCK_MS, Fleet, slices
from benchmarks.metering.remote_write import head_of, request

END = 1_780_000_000_000 // BLOCK_MS * BLOCK_MS
Samples = dict[Labels, dict[int, float]]


def written(fleet: Fleet) -> Samples:
    """What Prometheus is sent."""
    found: Samples = {}
    for part in slices(fleet):
        body = request([head_of(labels) for labels in fleet.labels(part.job)], part.times, part.values, part.present)
        for series in decoded(body):
            found.setdefault(series.labels, {}).update(zip(series.times.tolist(), series.values.tolist(), strict=True))
    return found


def kept(fleet: Fleet, path: Path) -> Samples:
    """What our store was filled with."""
    assert own.fill(path, fleet, slices(fleet)) > 0
    found: Samples = {}
    for block in MetricsReader(path).select([Matcher(NAME, Match.EQUAL, f"{fleet.name}_bucket")], fleet.start - 1, fleet.end):
        for row, labels in enumerate(block.labels):
            there = np.ones(len(block.times), dtype=bool) if block.present is None else block.present[row]
            found[labels] = dict(zip(block.times[there].tolist(), block.values[row][there].tolist(), strict=True))
    return found


@pytest.mark.parametrize("gaps", [False, True])
def test_both_servers_are_given_the_same_samples(tmp_path: Path, gaps: bool) -> None:
    fleet = Fleet("took", 2, 14, 2, END, gaps=gaps)
    sent = written(fleet)
    assert sent == kept(fleet, tmp_path / "own" / "metrics.db")
    assert len(sent) == fleet.series
    share = sum(len(samples) for samples in sent.values()) / (fleet.series * 480)
    assert 0.93 < share < 0.97 if gaps else share == 1


def test_histograms_are_cumulative_counters_of_which_some_begin_anew() -> None:
    fleet = Fleet("took", 1, 100, 4, END)
    whole = np.concatenate([part.values for part in slices(fleet)], axis=1)
    by_bucket = whole.reshape(100, 10, -1)
    assert (np.diff(by_bucket, axis=1) >= 0).all()
    assert (np.diff(whole, axis=1) < 0).any(axis=1).reshape(100, 10).any(axis=1).sum() == 1


@pytest.mark.parametrize(
    ("theirs", "difference"),
    [
        ({1.0: 2.0, 2.0: float("nan")}, 0.0),
        ({1.0: 4.0, 2.0: float("nan")}, 0.5),
        ({1.0: 2.0, 2.0: 1.0}, None),
        ({1.0: 2.0}, None),
    ],
)
def test_a_difference_between_two_answers_is_seen(theirs: dict[float, float], difference: float | None) -> None:
    labels = (("job", "a"),)
    assert apart({labels: {1.0: 2.0, 2.0: float("nan")}}, {labels: theirs}) == difference
