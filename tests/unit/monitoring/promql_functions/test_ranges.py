"""Functions over ranges, on whole arrays, against the same sample by sample."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pytest

from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.promql.samples import Block, Mask, Times, Values
from tests.unit.monitoring.promql_functions.reference import REFERENCES, as_arrays, evaluated, windows_in

START = 1_700_000_000_000
PARAMETERS = {
    "predict_linear": (3600.0,),
    "double_exponential_smoothing": (0.3, 0.7),
    "quantile_over_time": (0.83,),
}
SERIES, SAMPLES = 4, 60


def counters(chance: np.random.Generator) -> Values:
    """Seconds of work, each process started anew now and then."""
    grown = np.cumsum(chance.exponential(3.7, (SERIES, SAMPLES)), axis=1)
    for row in range(1, SERIES):
        for restart in np.flatnonzero(chance.random(SAMPLES) < 0.1 * row):
            grown[row, restart:] -= grown[row, restart] - chance.random()
    return grown


def whole_counters(chance: np.random.Generator) -> Values:
    return np.floor(counters(chance))


def gauges(chance: np.random.Generator) -> Values:
    return np.round(chance.normal(50, 30, (SERIES, SAMPLES)), 2)


def small_on_large(chance: np.random.Generator) -> Values:
    return 1.7e9 + chance.random((SERIES, SAMPLES))


def around_zero(chance: np.random.Generator) -> Values:
    return chance.normal(0, 1e3, (SERIES, SAMPLES)) * 10.0 ** chance.integers(-12, 12, (SERIES, SAMPLES))


def steady(_chance: np.random.Generator) -> Values:
    return np.repeat([[0.1], [0.0], [-1e300], [np.inf]], SAMPLES, axis=1)


def enormous(chance: np.random.Generator) -> Values:
    return chance.choice([1.7e308, 1.2e308, 1.0], (SERIES, SAMPLES))


def odd(chance: np.random.Generator) -> Values:
    """Not numbers, infinities and both zeros among the samples."""
    return chance.choice([np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0, 2.0, 2.0, 3.0], (SERIES, SAMPLES))


KINDS = (counters, whole_counters, gauges, small_on_large, around_zero, steady, enormous, odd)


def block_of(kind: Callable[[np.random.Generator], Values], chance: np.random.Generator, gaps: float, jitter: int) -> Block:
    times = START + np.arange(SAMPLES) * 15_000 + (chance.integers(0, jitter, SAMPLES) if jitter else 0)
    present = chance.random((SERIES, SAMPLES)) >= gaps
    if gaps:
        present[-1] = False
        present[-2, 10:] = False
    labels = [(("series", str(row)),) for row in range(SERIES)]
    values = kind(chance)
    return Block(labels, times, np.where(present, values, 1e9), present if gaps else None)


class Case:
    """One block and the windows of some steps in it."""

    def __init__(self, block: Block, ends: Times, range_ms: int) -> None:
        self.block, self.ends, self.range_ms = block, ends, range_ms
        self._windows = windows_in(block, ends.tolist(), range_ms)

    def check(self, name: str, series: int = SERIES) -> None:
        fixed = PARAMETERS.get(name, ())
        parameters = (np.full(len(self.ends), value) for value in fixed)
        values, present = kernel_of(name)(self.block, self.ends, self.range_ms, self.ends, *parameters)
        expected, expected_present = as_arrays(evaluated(REFERENCES[name], self._windows, self.ends.tolist(), self.range_ms, *fixed))
        assert present.shape == values.shape == (series, len(self.ends))
        np.testing.assert_array_equal(present, expected_present)
        np.testing.assert_allclose(np.where(present, values, 0.0), expected, rtol=1e-13, atol=0)


def kernel_of(name: str) -> Callable[..., tuple[Values, Mask]]:
    function = FUNCTIONS[name]
    assert function.kernel is not None
    return partial(function.kernel, note=lambda *_: None) if function.notes else function.kernel


@cache
def cases(kind: Callable[[np.random.Generator], Values]) -> list[Case]:
    chance = np.random.default_rng(7)
    blocks = [block_of(kind, chance, gaps, jitter) for gaps, jitter in ((0.0, 0), (0.0, 4000), (0.05, 0), (0.6, 9000))]
    spans = ((15_000, 15_000, 70), (7_001, 47_000, 40), (60_000, 300_000, 17), (200_000, 3_600_000, 5))
    return [
        Case(block, START - 90_000 + step * np.arange(steps, dtype=np.int64), range_ms)
        for block in blocks
        for step, range_ms, steps in spans
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", REFERENCES)
def test_arrays_and_single_samples_agree(name: str, kind: Callable[[np.random.Generator], Values]) -> None:
    for case in cases(kind):
        case.check(name)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_block_without_series_samples_or_steps_has_no_answer(name: str) -> None:
    nothing = Block([], np.zeros(0, dtype=np.int64), np.zeros((0, 0)))
    silent = Block([(), ()], np.array([START, START + 1]), np.zeros((2, 2)), np.zeros((2, 2), dtype=bool))
    unread = Block([(), ()], np.zeros(0, dtype=np.int64), np.zeros((2, 0)))
    for block in (nothing, silent, unread):
        for ends in (np.array([START, START + 60_000]), np.zeros(0, dtype=np.int64)):
            fixed = (np.full(len(ends), value) for value in PARAMETERS.get(name, ()))
            values, present = kernel_of(name)(block, ends, 60_000, ends, *fixed)
            assert values.shape == present.shape == (len(block.labels), len(ends))
            assert not present.any()


def test_windows_may_be_one_and_the_same_at_all_steps() -> None:
    block = block_of(counters, np.random.default_rng(3), 0.1, 0)
    case = Case(block, np.full(4, START + 400_000), 300_000)
    for name in REFERENCES:
        case.check(name)


def test_every_function_over_ranges_has_a_reference() -> None:
    assert {function.name for function in FUNCTIONS.values() if function.kind == "range"} == set(REFERENCES)


def test_a_counter_that_falls_all_the_time_is_added_up_all_the_same() -> None:
    times = START + np.arange(400, dtype=np.int64) * 1000
    block = Block([()], times, np.random.default_rng(5).random((1, 400)))
    Case(block, times[-3:], 300_000).check("increase", series=1)


def test_variance_holds_where_the_mean_is_a_thousand_deviations_and_more() -> None:
    chance = np.random.default_rng(11)
    times = START + np.arange(200, dtype=np.int64) * 15_000
    for distance in (1e2, 1e3, 1e4, 1e8):
        block = Block([()], times, distance + chance.normal(0, 1, (1, 200)))
        for range_ms in (45_000, 300_000, 2_700_000):
            Case(block, times[20::7], range_ms).check("stdvar_over_time", series=1)


@pytest.mark.parametrize("gaps", (0.0, 0.1))
@pytest.mark.parametrize("name", REFERENCES)
def test_many_series_are_worked_out_as_each_is_alone(name: str, gaps: float) -> None:
    chance = np.random.default_rng(9)
    values, present = counters(chance), chance.random((SERIES, SAMPLES)) >= gaps
    ends = START + 1000 * np.arange(900, dtype=np.int64)  # more windows than are in work at once
    times = START + np.arange(SAMPLES, dtype=np.int64) * 15_000
    many = Block([()] * 40, times, np.tile(values, (10, 1)), np.tile(present, (10, 1)) if gaps else None)
    parameters = [np.full(len(ends), value) for value in PARAMETERS.get(name, ())]
    found, found_present = kernel_of(name)(many, ends, 300_000, ends, *parameters)
    for row in range(SERIES):
        one = Block([()], times, values[[row]], present[[row]] if gaps else None)
        alone, alone_present = kernel_of(name)(one, ends, 300_000, ends, *parameters)
        for place in range(row, 40, SERIES):
            np.testing.assert_array_equal(found_present[place], alone_present[0])
            np.testing.assert_array_equal(found[place][found_present[place]], alone[0][alone_present[0]])
