"""Aggregations: by labels, as exact as Prometheus's, and over many blocks what they are over one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.support.samples import MemorySamples
from tests.unit.monitoring.promql.asking import engine, instant, loaded, over, problem

REQUESTS = tuple(
    f'requests{{job="{job}",instance="{instance}",group="{group}"}} {value}'
    for value, (job, group, instance) in enumerate(
        ((job, group, instance) for job in ("api", "app") for group in ("canary", "production") for instance in "01"), start=1
    )
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sum by (job) (requests)", {"{job=api}": 10, "{job=app}": 26}),
        ("sum without (instance, group) (requests)", {"{job=api}": 10, "{job=app}": 26}),
        ("avg by (job) (requests)", {"{job=api}": 2.5, "{job=app}": 6.5}),
        ("min(requests)", {"{}": 1}),
        ("max by (group) (requests)", {"{group=canary}": 6, "{group=production}": 8}),
        ("count(requests)", {"{}": 8}),
        ("group by (job) (requests)", {"{job=api}": 1, "{job=app}": 1}),
        ("stdvar(requests)", {"{}": 5.25}),
        ("stddev by (job) (requests)", {"{job=api}": 1.118033988749895, "{job=app}": 1.118033988749895}),
        ("quantile(0.5, requests)", {"{}": 4.5}),
        ("quantile by (job) (0.25, requests)", {"{job=api}": 1.75, "{job=app}": 5.75}),
        ("sum by (job, nothing) (requests)", {"{job=api}": 10, "{job=app}": 26}),
        ("sum(nothing)", {}),
        ("quantile(0.5, nothing)", {}),
        ("topk(2, requests)", {"requests{group=production,instance=1,job=app}": 8, "requests{group=production,instance=0,job=app}": 7}),
        ("sum(topk by (job) (1, requests))", {"{}": 12}),
        ("sum(bottomk by (job) (1, requests))", {"{}": 6}),
        ("count(limitk(3, requests))", {"{}": 3}),
        ("count(limitk by (job) (3, requests))", {"{}": 6}),
        ("limitk(0, requests)", {}),
        ("limitk(-1, requests)", {}),
        ("count(limit_ratio(1, requests))", {"{}": 8}),
        ("count(limit_ratio(-1, requests))", {"{}": 8}),
        ("limit_ratio(0, requests)", {}),
        ("count(limit_ratio(0.3, requests) or limit_ratio(-0.7, requests))", {"{}": 8}),
        ("limit_ratio(0.3, requests) and limit_ratio(-0.7, requests)", {}),
        ('count_values by (job) ("half", floor(requests / 2))', {
            "{half=0,job=api}": 1, "{half=1,job=api}": 2, "{half=2,job=api}": 1,
            "{half=2,job=app}": 1, "{half=3,job=app}": 2, "{half=4,job=app}": 1,
        }),
        ('count_values without (instance, group) ("job", requests > 6)', {"{job=7}": 1, "{job=8}": 1}),
    ],
)  # fmt: skip
def test_groups_are_reduced(query: str, expected: dict[str, float]) -> None:
    assert instant(loaded(1000, *REQUESTS), query) == pytest.approx(expected)


def test_the_best_come_first_in_an_instant_query() -> None:
    samples = loaded(1000, 'x{a="1"} 1', 'x{a="2"} nan', 'x{a="3"} 3', 'x{a="4"} 2')
    assert list(instant(samples, "topk(4, x)").values())[:3] == [3, 2, 1]
    assert list(instant(samples, "bottomk(4, x)").values())[:3] == [1, 2, 3]
    assert math.isnan(list(instant(samples, "bottomk(4, x)").values())[3])
    assert list(instant(samples, "topk(9999999999, x)").values())[:3] == [3, 2, 1]


def test_k_may_change_from_step_to_step() -> None:
    samples = loaded(1000, "k 1 2 3 0 -1", *(f'x{{a="{number}"}} {number}x4' for number in range(5)))
    assert over(samples, "count(topk(scalar(k), x))", 0, 4000, 1000) == {"{}": {0: 1, 1000: 2, 2000: 3}}


@pytest.mark.parametrize("operator", ["topk", "bottomk", "limitk"])
def test_choosing_block_by_block_is_choosing_from_all(operator: str) -> None:
    chance = np.random.default_rng(5)
    few, one = MemorySamples(series_per_block=4), MemorySamples(series_per_block=1000)
    for number in range(40):
        row = [(at * 1000, float(value)) for at, value in enumerate(chance.integers(0, 6, 20)) if value or number % 3]
        for samples in (few, one):
            samples.add({"__name__": "x", "a": str(number), "group": str(number % 3)}, row)
    for query in (f"{operator}(4, x)", f"{operator} by (group) (2, x)"):
        assert over(few, query, 0, 19_000, 1000) == over(one, query, 0, 19_000, 1000)


@pytest.mark.parametrize("operator", ["sum", "avg", "stddev"])
def test_aggregations_agree_with_plain_arithmetic(operator: str) -> None:
    chance = np.random.default_rng(7)
    values = chance.normal(1e6, 3, (50, 30))
    samples = MemorySamples(series_per_block=7)
    for number, row in enumerate(values):
        samples.add({"__name__": "x", "a": str(number)}, [(at * 1000, value) for at, value in enumerate(row.tolist())])
    plain = {"sum": np.sum, "avg": np.mean, "stddev": np.std}[operator](values, axis=0)
    assert list(over(samples, f"{operator}(x)", 0, 29_000, 1000)["{}"].values()) == pytest.approx(plain.tolist(), rel=1e-9)


def test_what_cancels_is_not_lost() -> None:
    samples = loaded(1000, 'x{a="1"} 2', 'x{a="2"} 8', 'x{a="3"} 1e100', 'x{a="4"} -1e100')
    assert instant(samples, "sum(x)") == {"{}": 10}
    assert instant(samples, "avg(x)") == {"{}": 2.5}


def test_a_mean_does_not_overflow() -> None:
    samples = loaded(1000, *(f'x{{a="{number}"}} 9.988465674311579e+307' for number in range(4)), 'y{a="1"} 1')
    assert instant(samples, "avg(x)") == {"{}": 9.988465674311579e307}
    assert instant(samples, "avg({a=~'.+'})")["{}"] == pytest.approx(4 / 5 * 9.988465674311579e307)


def test_infinities_and_nan_behave() -> None:
    samples = loaded(1000, 'x{g="1",a="1"} inf', 'x{g="1",a="2"} 2', 'x{g="2",a="1"} inf', 'x{g="2",a="2"} -inf', 'x{g="3",a="1"} nan')
    found = instant(samples, "sum by (g) (x)")
    assert found["{g=1}"] == math.inf
    assert math.isnan(found["{g=2}"]) and math.isnan(found["{g=3}"])
    assert math.isnan(instant(samples, "stddev by (g) (x)")["{g=1}"])
    assert instant(samples, "max(x)") == {"{}": math.inf}
    later = loaded(1000, 'x{a="1"} inf', *(f'x{{a="{number}"}} 1' for number in range(2, 9)))  # the next blocks are finite
    assert instant(later, "sum(x)") == instant(later, "avg(x)") == {"{}": math.inf}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("topk(NaN, nothing)", "Parameter value is NaN"),
        ("limitk(NaN, nothing)", "Parameter value is NaN"),
        ("limit_ratio(NaN, nothing)", "Ratio value is NaN"),
        ("topk(1e300, nothing)", "overflows int64"),
        ("bottomk(-1e300, nothing)", "underflows int64"),
        (r'count_values("a\xc5z", nothing)', r'invalid label name "a\xc5z"'),
    ],
)
def test_parameters_that_are_no_good_are_refused(query: str, words: str) -> None:
    error = problem(loaded(1000), query)
    assert (error.kind, words in str(error)) == ("execution", True)


def test_a_quantile_outside_of_its_range_is_warned_of() -> None:
    result = engine(loaded(1000, "x 1")).query("quantile(2, x)", 0)
    assert result.curves[0].values[0] == math.inf
    assert result.warnings == ("PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)",)


@pytest.mark.parametrize("query", ["quantile(-2, x)", "quantile(- 2, x)", "quantile(-+2, x)", "quantile(-1 - 1, x)"])
def test_a_warning_points_at_the_first_sign_of_a_number(query: str) -> None:
    result = engine(loaded(1000, "x 1")).query(query, 0)
    assert result.warnings == ("PromQL warning: quantile value should be between 0 and 1, got -2 (1:10)",)


def test_a_ratio_outside_of_its_range_is_capped_and_warned_of() -> None:
    result = engine(loaded(1000, "x 1")).query("limit_ratio(1.1, x)", 0)
    assert len(result.curves) == 1
    assert result.warnings == ("PromQL warning: ratio value should be between -1 and 1, got 1.1, capping to 1 (1:13)",)
