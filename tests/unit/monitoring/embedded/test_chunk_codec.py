"""What a chunk gives back is what went in, to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from backend.monitoring.embedded.chunk_codec import CONSTANT, FLOAT, Matrix, classes_of, decode, encode
from backend.monitoring.embedded.records import Damaged
from backend.monitoring.promql.samples import STALE, Values

ODD = [0.0, -0.0, 1.0, 0.1, 1e300, -1e-300, 2.0**53, 2.0**53 + 2, float("nan"), float("inf"), float("-inf"), STALE, 17.25, 123456.789]
CELL = some.sampled_from(ODD) | some.integers(-1000, 1000).map(float) | some.floats(width=64)
SHAPES = some.tuples(some.integers(1, 6), some.integers(1, 12))


def same(ours: Values, theirs: Values) -> bool:
    return bool((np.ascontiguousarray(ours).view(np.uint64) == np.ascontiguousarray(theirs).view(np.uint64)).all())


@settings(deadline=None, max_examples=80)
@given(SHAPES.flatmap(lambda shape: arrays.arrays(np.float64, shape, elements=CELL)))
def test_every_bit_comes_back(values: Values) -> None:
    found = decode(encode(Matrix(values)), values.shape)
    assert found.present is None
    assert same(found.values, values)


@settings(deadline=None, max_examples=60)
@given(some.data())
def test_with_gaps_the_samples_come_back_and_the_gaps_too(data: some.DataObject) -> None:
    shape = data.draw(SHAPES)
    values = data.draw(arrays.arrays(np.float64, shape, elements=CELL))
    present = data.draw(arrays.arrays(np.bool_, shape))
    found = decode(encode(Matrix(values, present)), shape)
    there = np.ones(shape, np.bool_) if found.present is None else found.present
    assert (there == present).all()
    assert same(found.values[present], values[present])


def test_rows_are_kept_in_the_cheapest_way_that_loses_nothing() -> None:
    rows = np.array([[7.5, 7.5], [1.0, 2.0], [0.25, 0.5], [0.1, 1 / 3], [-0.0, 1.0], [np.nan, 1.0]])
    assert classes_of(rows).tolist() == [CONSTANT, 0, 2, FLOAT, FLOAT, FLOAT]


def test_a_stale_marker_leaves_a_counter_a_counter() -> None:
    rng = np.random.default_rng(1)
    values = np.cumsum(rng.poisson(3, (100, 480)), axis=1).astype(float)
    plain = len(encode(Matrix(values)))
    values[3, 470:] = STALE
    marked = encode(Matrix(values))
    assert len(marked) < plain + 100
    assert same(decode(marked, values.shape).values, values)


def test_counters_take_less_than_half_a_byte_a_sample() -> None:
    rng = np.random.default_rng(2)
    values = np.cumsum(rng.poisson(0.5, (128, 480)), axis=1).astype(float)
    assert len(encode(Matrix(values))) / values.size < 0.5


def test_it_decodes_to_where_it_is_wanted() -> None:
    values = np.arange(12.0).reshape(3, 4)
    wall = np.zeros((5, 10))
    decode(encode(Matrix(values)), (3, 4), wall[1:4, 2:6])
    assert (wall[1:4, 2:6] == values).all()
    assert wall.sum() == values.sum()


def test_other_bytes_are_damaged_not_a_crash() -> None:
    body = encode(Matrix(np.random.default_rng(3).normal(size=(4, 50))))
    for cut in (0, 3, 20, len(body) // 2, len(body) - 1):
        with pytest.raises(Damaged):
            decode(body[:cut], (4, 50))
    with pytest.raises(Damaged):
        decode(body, (5, 50))
