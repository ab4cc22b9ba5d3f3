"""Whatever is asked is answered or refused; a range is its instants; the size of blocks is nobody's business."""

from __future__ import annotations

import json
from random import Random

import pytest

from backend.errors import QueryProblem
from backend.monitoring.promql.answers import data_of
from backend.monitoring.promql.engine import Engine
from tests.unit.monitoring.promql.asking import engine
from tests.unit.monitoring.promql.random_queries import Queries, odd_samples

SEEDS = range(4)
QUERIES = 25


def answered(asked: Engine, query: str, *when: int) -> str:
    """Series and values, or why there are none."""
    try:
        result = asked.query(query, when[0]) if len(when) == 1 else asked.query_range(query, *when)
    except QueryProblem as error:
        return error.kind
    return json.dumps(data_of(result), sort_keys=True)


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("seed", SEEDS)
def test_every_query_is_answered_or_refused(seed: int) -> None:
    queries, asked = Queries(Random(seed)), engine(odd_samples(Random(1), 5))
    said = [answered(asked, queries.vector(4), 600_000, 660_000, 15_000) for _ in range(QUERIES)]
    assert sum(one.startswith("{") for one in said) > QUERIES / 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_range_is_the_sum_of_its_instants(seed: int) -> None:
    queries, asked = Queries(Random(100 + seed), steady=True), engine(odd_samples(Random(2), 5))
    compared = 0
    for _ in range(QUERIES):
        query = queries.vector(3)
        try:
            whole = asked.query_range(query, 300_000, 390_000, 30_000)
        except QueryProblem:
            continue
        found = {(curve.labels, at): value for curve in whole.curves for at, value in zip(curve.times.tolist(), curve.values, strict=True)}
        for at in range(300_000, 390_001, 30_000):
            instants = {(curve.labels, at): curve.values[0] for curve in asked.query(query, at).curves}
            assert instants == pytest.approx({key: value for key, value in found.items() if key[1] == at}, rel=1e-9, nan_ok=True), query
            compared += len(instants)
    assert compared > QUERIES


@pytest.mark.parametrize("seed", SEEDS)
def test_blocks_of_any_size_answer_the_same(seed: int) -> None:
    queries = Queries(Random(200 + seed), steady=True)
    small, large = engine(odd_samples(Random(3), 1)), engine(odd_samples(Random(3), 1000))
    for _ in range(QUERIES):
        query = queries.vector(3)
        one, other = (answered(asked, query, 600_000, 660_000, 15_000) for asked in (small, large))
        if one.startswith("{") and other.startswith("{"):
            one, other = (json.dumps(sorted(json.loads(said)["result"], key=json.dumps)) for said in (one, other))
        assert one == other, query
