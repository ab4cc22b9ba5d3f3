"""Classic histograms on whole arrays, against the same bucket by bucket, and against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backend.monitoring.promql.functions import buckets
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.samples import Grid

Pairs = list[tuple[float, float]]  # upper bound, cumulative count
STEPS = 40


def grid_of(*histograms: tuple[str, dict[str, list[float | None]]]) -> Grid:
    """Buckets by ``le`` with a count a step, None for none."""
    labels, rows = [], []
    for name, counts in histograms:
        for bound, row in counts.items():
            labels.append(labels_of({"__name__": "x_bucket", "job": name, "le": bound}))
            rows.append(row)
    present = np.array([[count is not None for count in row] for row in rows])
    return Grid(labels, np.array([[-1.0 if count is None else count for count in row] for row in rows]), present)


class Noted:
    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []

    def __call__(self, kind: str, text: str, argument: int) -> None:
        self.texts.append((kind, text))


def ask(kernel: object, grid: Grid, *parameters: float) -> tuple[list[float], Noted]:
    """The first histogram's values."""
    noted = Noted()
    answer = kernel(*(np.full(grid.values.shape[1], value) for value in parameters), grid, note=noted)  # type: ignore[operator]
    return answer.values[0].tolist(), noted


def coalesced(pairs: Pairs) -> Pairs:
    totals: dict[float, float] = {}
    for bound, count in sorted(pairs):
        totals[bound] = totals.get(bound, 0.0) + count
    return list(totals.items())


def monotonic(pairs: Pairs) -> Pairs:
    kept, before = [pairs[0]], pairs[0][1]
    for bound, count in pairs[1:]:
        near = count == before or (before and count and abs(count - before) / (abs(count) + abs(before)) < 1e-12)
        before = before if near or count < before else count
        kept.append((bound, before))
    return kept


def quantile(phi: float, pairs: Pairs) -> float:
    if math.isnan(phi) or not 0 <= phi <= 1:
        return phi if math.isnan(phi) else math.copysign(math.inf, phi)
    pairs = coalesced(pairs)
    if pairs[-1][0] != math.inf or len(pairs) < 2:
        return math.nan
    pairs = monotonic(pairs)
    rank = phi * pairs[-1][1]
    if pairs[-1][1] == 0:
        return math.nan
    place = next((place for place, (_, count) in enumerate(pairs[:-1]) if count >= rank), None)
    if place is None:
        return pairs[-2][0]
    if place == 0 and pairs[0][0] <= 0:
        return pairs[0][0]
    start, passed = pairs[place - 1] if place else (0.0, 0.0)
    end, count = pairs[place]
    return start + (end - start) * ((rank - passed) / (count - passed)) if count != passed else math.nan


def rank_of(value: float, pairs: Pairs) -> float:
    passed, low = 0.0, 0.0 if pairs[0][0] > 0 else -math.inf
    for bound, count in pairs:
        if low >= value:
            return passed
        if bound > value:
            if math.isinf(low):
                return count
            return passed + (count - passed) * (value - low) / (bound - low)
        passed, low = count, bound
    return math.inf


def fraction(lower: float, upper: float, pairs: Pairs) -> float:
    pairs = coalesced(pairs)
    total = pairs[-1][1]
    if pairs[-1][0] != math.inf or total == 0 or math.isnan(lower) or math.isnan(upper):
        return math.nan
    if lower >= upper:
        return 0.0
    return (min(rank_of(upper, pairs), total) - min(rank_of(lower, pairs), total)) / total


LAYOUTS = (
    ("0.1", "0.5", "1", "2.5", "+Inf"),
    ("-2", "-1", "0", "1", "2", "+Inf"),
    ("0.1", "1", "1.0", "1e1", "10", "Inf"),
    ("1", "2"),
    ("+Inf",),
)


def random_grid(chance: np.random.Generator, gaps: float) -> tuple[Grid, list[list[Pairs]]]:
    """And the buckets of each histogram at each step."""
    written = []
    for number in range(10):
        layout = LAYOUTS[number % len(LAYOUTS)]
        counts = np.cumsum(chance.integers(0, 4, (len(layout), STEPS)), axis=0) + chance.choice([0.0, 1e-14, -0.6], (len(layout), STEPS))
        missing = chance.random(counts.shape) < gaps
        row = {
            bound: [None if gone else float(count) for count, gone in zip(counts[index], missing[index], strict=True)]
            for index, bound in enumerate(layout)
        }
        written.append((str(number), row))
    pairs = [
        [[(float(bound), counts[step]) for bound, counts in row.items() if counts[step] is not None] for step in range(STEPS)]
        for _, row in written
    ]
    return grid_of(*written), pairs  # type: ignore[return-value]


@pytest.mark.parametrize("gaps", (0.0, 0.2, 0.8))
@pytest.mark.parametrize("seed", range(4))
def test_arrays_and_single_buckets_agree(seed: int, gaps: float) -> None:
    grid, pairs = random_grid(np.random.default_rng(seed), gaps)
    chance = np.random.default_rng(seed)
    phi = chance.choice([0.0, 0.1, 0.5, 0.73, 1.0, -1.0, 2.0, np.nan], STEPS)
    lower, upper = chance.choice([-np.inf, -3, -1.5, 0, 0.05, 0.7, 1, 7, np.nan], (2, STEPS))
    upper = np.where(chance.random(STEPS) < 0.2, np.inf, upper)
    cases = (
        (buckets.quantile(phi, grid, note=Noted()), lambda step, there: quantile(phi[step], there)),
        (buckets.fraction(lower, upper, grid, note=Noted()), lambda step, there: fraction(lower[step], upper[step], there)),
    )
    for found, expected in cases:
        by_job = {dict(labels)["job"]: row for row, labels in enumerate(found.labels)}
        for number, steps in enumerate(pairs):
            row = by_job[str(number)]
            assert found.present[row].tolist() == [bool(there) for there in steps]
            wanted = [expected(step, there) if there else 0.0 for step, there in enumerate(steps)]
            np.testing.assert_allclose(np.where(found.present[row], found.values[row], 0.0), wanted, rtol=1e-12)


def test_a_quantile_is_interpolated_in_its_bucket_and_the_endless_one_has_the_last_bound() -> None:
    grid = grid_of(("a", {"1": [10], "2": [30], "4": [40], "+Inf": [50]}))
    assert ask(buckets.quantile, grid, 0.1)[0] == [0.5]
    assert ask(buckets.quantile, grid, 0.4)[0] == [1.5]
    assert ask(buckets.quantile, grid, 0.99)[0] == [4.0]


def test_without_an_endless_bucket_or_observations_there_is_no_quantile() -> None:
    for counts in ({"1": [10], "2": [30]}, {"1": [0], "+Inf": [0]}, {"+Inf": [7]}):
        assert all(math.isnan(value) for value in ask(buckets.quantile, grid_of(("a", counts)), 0.5)[0])  # type: ignore[arg-type]


def test_counts_that_fall_are_raised_and_said_and_rounding_is_not() -> None:
    fallen, noted = ask(buckets.quantile, grid_of(("a", {"1": [10], "2": [8], "4": [20], "+Inf": [20]})), 0.75)
    assert fallen == [3.0]
    assert [kind for kind, _ in noted.texts] == ["info"]
    assert 'for metric name "x_bucket"' in noted.texts[0][1]
    rounded, noted = ask(buckets.quantile, grid_of(("a", {"1": [10], "2": [10 - 1e-13], "4": [20], "+Inf": [20]})), 0.75)
    assert rounded == [3.0]
    assert noted.texts == []


def test_a_share_that_is_none_is_warned_of() -> None:
    grid = grid_of(("a", {"1": [10], "+Inf": [10]}))
    assert ask(buckets.quantile, grid, -0.1)[0] == [-math.inf]
    assert ask(buckets.quantile, grid, 1.1)[0] == [math.inf]
    assert ask(buckets.quantile, grid, 1.1)[1].texts == [("warning", "quantile value should be between 0 and 1, got 1.1")]


def test_a_bucket_without_a_bound_is_left_out_and_said() -> None:
    grid = grid_of(("a", {"1": [10], "x": [3], "": [4], "+Inf": [10]}))
    found, noted = ask(buckets.quantile, grid, 0.5)
    assert found == [0.5]
    assert noted.texts == [
        ("warning", 'bucket label "le" is missing or has a malformed value of "x" for metric name "x_bucket"'),
        ("warning", 'bucket label "le" is missing or has a malformed value of "" for metric name "x_bucket"'),
    ]


def test_a_fraction_counts_whole_buckets_and_parts_of_them() -> None:
    grid = grid_of(("a", {"1": [10], "2": [30], "4": [40], "+Inf": [50]}))
    assert ask(buckets.fraction, grid, 0.0, 2.0)[0] == [0.6]
    assert ask(buckets.fraction, grid, 0.5, 3.0)[0] == [0.6]
    assert ask(buckets.fraction, grid, -math.inf, math.inf)[0] == [1.0]
    assert ask(buckets.fraction, grid, 3.0, 1.0)[0] == [0.0]
    assert math.isnan(ask(buckets.fraction, grid, math.nan, 1.0)[0][0])


def test_several_quantiles_at_once_stand_in_a_label() -> None:
    grid = grid_of(("a", {"1": [10], "2": [30], "4": [40], "+Inf": [50]}))
    found = buckets.quantiles(grid, "q", np.array([0.1]), np.array([1.0]), note=Noted())
    assert [dict(labels)["q"] for labels in found.labels] == ["0.1", "1.0"]
    assert found.values[:, 0].tolist() == [0.5, 4.0]


def test_a_share_that_changes_from_step_to_step_has_a_series_for_each_value() -> None:
    grid = grid_of(("a", {"1": [10, 20], "+Inf": [10, 20]}))
    found = buckets.quantiles(grid, "q", np.array([0.1, 0.5]), note=Noted())
    assert [dict(labels)["q"] for labels in found.labels] == ["0.1", "0.5"]
    assert found.present.tolist() == [[True, False], [False, True]]
