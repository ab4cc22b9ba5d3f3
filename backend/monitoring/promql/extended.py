"""``anchored`` and ``smoothed``: rate, increase, delta, changes and resets that know what is at the edges of their range.

Anchored takes the last sample at or before the start; smoothed interpolates at both edges. Neither extrapolates. The facts are those
of Prometheus 3.7's feature ``promql-extended-range-selectors``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from backend.errors import QueryProblem
from backend.monitoring.promql.nodes import Call, Selector
from backend.monitoring.promql.samples import Block, Grid, Mask, Times, Values
from backend.monitoring.promql.series import nameless

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation

_ALLOWED = {
    "anchored": ("changes", "delta", "increase", "rate", "resets"),
    "smoothed": ("delta", "increase", "rate"),
}
Indexes = NDArray[np.intp]


def over_ranges(evaluation: Evaluation, node: Call, selector: Selector) -> Iterator[Grid]:
    """QueryProblem where the function does not go with the word."""
    allowed = _ALLOWED[selector.flavour]
    if node.name not in allowed:
        names = ", ".join(allowed)
        raise QueryProblem("bad_data", f"{selector.flavour} modifier can only be used with: {names} - not with {node.name}", selector.place)
    for windows in evaluation.windows(selector):
        values, present = evaluated(
            node.name, selector.flavour == "smoothed", windows.block, windows.ends, windows.range_ms, windows.lookback_ms
        )
        yield Grid(windows.block.labels, values, present, nameless(len(windows.block.labels)))


def evaluated(name: str, smoothed: bool, block: Block, ends: Times, range_ms: int, lookback_ms: int) -> tuple[Values, Mask]:
    values = np.zeros((len(block.labels), len(ends)))
    present = np.zeros(values.shape, dtype=bool)
    for index in range(len(block.labels)):
        there = slice(None) if block.present is None else block.present[index]
        row = _Row(block.times[there], block.values[index][there])
        if len(row.times):
            values[index], present[index] = row.over(name, smoothed, ends, range_ms, lookback_ms)
    return values, present


@dataclass(frozen=True)
class _Row:
    """The samples of one series, at least one."""

    times: Times
    values: Values

    def over(self, name: str, smoothed: bool, ends: Times, range_ms: int, lookback_ms: int) -> tuple[Values, Mask]:
        starts = ends - range_ms
        first, last, present = self._window(smoothed, ends, range_ms, lookback_ms)
        if name in ("changes", "resets"):
            return self._counted(name, first, last), present
        counter = name != "delta"
        left, right = self._edges(first, last, starts, ends, smoothed, counter)
        found = right - left
        if counter:
            found = found + self._lost_at_resets(left, right, first + (self.times[first] <= starts), last - (self.times[last] >= ends))
        return (found / (range_ms / 1000) if name == "rate" else found), present

    def at_edges(self, smoothed: bool, ends: Times, range_ms: int, lookback_ms: int) -> tuple[Values, Values, Mask]:
        first, last, present = self._window(smoothed, ends, range_ms, lookback_ms)
        return *self._edges(first, last, ends - range_ms, ends, smoothed, False), present

    def _window(self, smoothed: bool, ends: Times, range_ms: int, lookback_ms: int) -> tuple[Indexes, Indexes, Mask]:
        """The first and last sample that count, the ones at the edges included, and whether there are any."""
        starts = ends - range_ms
        least = np.searchsorted(self.times, starts - lookback_ms, side="right")
        last = np.searchsorted(self.times, ends + (lookback_ms if smoothed else 0), side="right") - 1
        first = np.maximum(least, np.searchsorted(self.times, starts, side="right") - 1)
        if smoothed:
            last = np.minimum(last, np.searchsorted(self.times, ends, side="left"))
        present = (last >= least) & (self.times[np.maximum(last, 0)] > starts)
        return np.clip(first, 0, len(self.times) - 1), np.clip(last, 0, len(self.times) - 1), present

    def _counted(self, name: str, first: Indexes, last: Indexes) -> Values:
        before, after = self.values[:-1], self.values[1:]
        changed = after < before if name == "resets" else (after != before) & ~(np.isnan(after) & np.isnan(before))
        total = np.r_[0, np.cumsum(changed)]
        counted: Values = (total[last] - total[first]).astype(np.float64)
        return counted

    def _edges(self, first: Indexes, last: Indexes, starts: Times, ends: Times, smoothed: bool, counter: bool) -> tuple[Values, Values]:
        left, right = self.values[first], self.values[last]
        if smoothed and len(self.times) > 1:
            begin, end = np.minimum(first, len(self.times) - 2), np.maximum(last, 1)
            left = np.where(self.times[first] < starts, self._between(begin, starts, counter, _from_zero), left)
            right = np.where((last > 0) & (self.times[last] > ends), self._between(end - 1, ends, counter, _carried_on), right)
        return left, right

    def _between(self, index: Indexes, at: Times, counter: bool, reset: Callable[[Values, Values], tuple[Values, Values]]) -> Values:
        """On the line from sample ``index`` to the next; a counter that was reset between goes by ``reset``."""
        low, high = self.values[index], self.values[index + 1]
        if counter:
            low_reset, high_reset = reset(low, high)
            low, high = np.where(high < low, low_reset, low), np.where(high < low, high_reset, high)
        share = (at - self.times[index]) / (self.times[index + 1] - self.times[index])
        return low + (high - low) * share

    def _lost_at_resets(self, left: Values, right: Values, first: Indexes, last: Indexes) -> Values:
        inside = first <= last
        first, last = np.clip(first, 0, len(self.times) - 1), np.clip(last, 0, len(self.times) - 1)
        drops = np.r_[0.0, np.where(self.values[1:] < self.values[:-1], self.values[:-1], 0.0)]
        total = np.cumsum(drops)
        early, late = self.values[first], self.values[last]
        within = np.where(early < left, left, 0.0) + total[last] - total[first] + np.where(right < late, late, 0.0)
        return np.where(inside, within, np.where(right < left, left, 0.0))


def with_edges(block: Block, end: int, range_ms: int, lookback_ms: int, smoothed: bool) -> Iterator[tuple[int, Times, Values]]:
    """The samples of one window of each series that has any: its number, and times and values with those at both edges."""
    start = end - range_ms
    for index in range(len(block.labels)):
        there = slice(None) if block.present is None else block.present[index]
        row = _Row(block.times[there], block.values[index][there])
        ends = np.array([end], dtype=np.int64)
        if not len(row.times):
            continue
        left, right, present = row.at_edges(smoothed, ends, range_ms, lookback_ms)
        if present[0]:
            inside = (row.times > start) & (row.times < end)
            yield index, np.r_[start, row.times[inside], end], np.r_[left, row.values[inside], right]


def _from_zero(low: Values, high: Values) -> tuple[Values, Values]:
    return np.zeros_like(low), high


def _carried_on(low: Values, high: Values) -> tuple[Values, Values]:
    return low, high + low


def interpolated(block: Block, ends: Times, lookback_ms: int) -> tuple[Values, Mask]:
    """An instant vector, smoothed: on the line between the samples before and after, else the one before."""
    values = np.zeros((len(block.labels), len(ends)))
    present = np.zeros(values.shape, dtype=bool)
    for index in range(len(block.labels)):
        there = slice(None) if block.present is None else block.present[index]
        times, samples = block.times[there], block.values[index][there]
        if not len(times):
            continue
        before = np.searchsorted(times, ends, side="right") - 1
        after = np.minimum(before + 1, len(times) - 1)
        at = np.maximum(before, 0)
        present[index] = (before >= 0) & (times[at] > ends - lookback_ms)
        inside = (times[after] > ends) & (times[after] <= ends + lookback_ms) & (times[at] < ends)
        share = np.where(inside, (ends - times[at]) / np.maximum(times[after] - times[at], 1), 0.0)
        values[index] = samples[at] + np.where(inside, (samples[after] - samples[at]) * share, 0.0)
    return values, present
