"""Functions over ranges, on whole arrays, against the same sample by sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from backend.monitoring.promql.functions.registry import FUNCTIONS
from backend.monitoring.promql.samples import Block, Values
from tests.unit.monitoring.promql_functions.reference import REFERENCES, as_arrays, evaluated

START = 1_700_000_000_000
PARAMETERS = {
    "predict_linear": (3600.0,),
    "double_exponential_smoothing": (0.3, 0.7),
    "quantile_over_time": (0.83,),
}
SERIES, SAMPLES = 5, 60


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
    return np.repeat([[0.1], [3.0], [0.0], [-1e300], [np.inf]], SAMPLES, axis=1)


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


def check(name: str, block: Block, ends: Values, range_ms: int) -> None:
    fixed = PARAMETERS.get(name, ())
    noted = {"note": lambda _kind, _text: None} if FUNCTIONS[name].notes else {}
    kernel = FUNCTIONS[name].kernel
    assert kernel is not None
    values, present = kernel(block, ends, range_ms, ends, *(np.full(len(ends), value) for value in fixed), **noted)
    expected, expected_present = as_arrays(evaluated(REFERENCES[name], block, ends.tolist(), range_ms, *fixed))
    assert present.shape == values.shape == (SERIES, len(ends))
    np.testing.assert_array_equal(present, expected_present)
    np.testing.assert_allclose(np.where(present, values, 0.0), expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", REFERENCES)
def test_arrays_and_single_samples_agree(name: str, kind: Callable[[np.random.Generator], Values]) -> None:
    chance = np.random.default_rng(7)
    for gaps, jitter in ((0.0, 0), (0.0, 4000), (0.05, 0), (0.6, 9000)):
        block = block_of(kind, chance, gaps, jitter)
        for step, range_ms in ((15_000, 15_000), (7_001, 47_000), (60_000, 300_000), (200_000, 3_600_000)):
            ends = np.arange(START - 100_000, START + 1_000_000, step)
            check(name, block, ends, range_ms)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_block_without_series_samples_or_steps_has_no_answer(name: str) -> None:
    kernel = FUNCTIONS[name].kernel
    assert kernel is not None
    noted = {"note": lambda _kind, _text: None} if FUNCTIONS[name].notes else {}
    nothing = Block([], np.zeros(0, dtype=np.int64), np.zeros((0, 0)))
    silent = Block([(), ()], np.array([START, START + 1]), np.zeros((2, 2)), np.zeros((2, 2), dtype=bool))
    unread = Block([(), ()], np.zeros(0, dtype=np.int64), np.zeros((2, 0)))
    for block in (nothing, silent, unread):
        for ends in (np.array([START, START + 60_000]), np.zeros(0, dtype=np.int64)):
            fixed = (np.full(len(ends), value) for value in PARAMETERS.get(name, ()))
            values, present = kernel(block, ends, 60_000, ends, *fixed, **noted)
            assert values.shape == present.shape == (len(block.labels), len(ends))
            assert not present.any()


def test_windows_may_be_one_and_the_same_at_all_steps() -> None:
    block = block_of(counters, np.random.default_rng(3), 0.1, 0)
    for name in REFERENCES:
        check(name, block, np.full(4, START + 400_000), 300_000)


def test_every_function_over_ranges_has_a_reference() -> None:
    assert {function.name for function in FUNCTIONS.values() if function.kind == "range"} == set(REFERENCES)
