"""Stores for these tests, and what they hold as plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backend.monitoring.embedded.records import BLOCK_MS, Exposition, Series, StoreLimits, Target
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.labels import Labels, Match, Matcher, labels_of
from backend.monitoring.promql.samples import stale_among
from tests.support.clock import ManualClock

T0 = 1_700_000_000_000 // BLOCK_MS * BLOCK_MS
ALL = (Matcher("__name__", Match.REGEX, ".+"),)
EVER = (-(2**60), 2**60)
TARGET = Target(labels_of({"job": "api", "instance": "127.0.0.1:9"}), "http://127.0.0.1:9/metrics")

Held = dict[Labels, dict[int, float | str]]


def store_at(folder: Path, limits: StoreLimits | None = None) -> MetricsStore:
    return MetricsStore(folder / "metrics" / "metrics.db", ManualClock(), limits)


def named(name: str, **labels: str) -> Labels:
    return labels_of({"__name__": name, **labels})


def written(labels: Labels, times: Sequence[int], values: Sequence[float]) -> Series:
    return Series(labels, np.array(times, np.int64), np.array(values, np.float64))


def held(store: MetricsStore, matchers: Sequence[Matcher] = ALL, start: int = EVER[0], end: int = EVER[1]) -> Held:
    """Every sample by series and time, a stale marker as 'stale'; a series in two blocks is an error."""
    found: Held = {}
    for block in store.select(matchers, start, end):
        stale = stale_among(block.values)
        for row, labels in enumerate(block.labels):
            assert labels not in found, f"{labels} in two blocks"
            present = np.ones(block.times.size, np.bool_) if block.present is None else block.present[row]
            marked = stale[row] & present
            assert block.stale or not marked.any(), "an unannounced marker"
            found[labels] = {
                int(time): "stale" if gone else float(value)
                for time, value, there, gone in zip(block.times, block.values[row], present, marked, strict=True)
                if there
            }
    return found


def of(store: MetricsStore, name: str, **labels: str) -> dict[int, float | str]:
    """The samples of the one series with that name and those labels."""
    matchers = [Matcher("__name__", Match.EQUAL, name), *(Matcher(key, Match.EQUAL, value) for key, value in labels.items())]
    found = held(store, matchers)
    assert len(found) <= 1
    return next(iter(found.values()), {})


def exposed(*lines: str) -> Exposition:
    return Exposition(("\n".join(lines) + "\n").encode())


def scrape(store: MetricsStore, at: int, *lines: str, target: Target = TARGET) -> None:
    store.append_scrape(target, at, exposed(*lines), 0.01)
