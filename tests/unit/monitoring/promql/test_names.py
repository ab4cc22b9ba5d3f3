"""When a metric's name goes: at the very end, so that functions and groups may still read it."""

from __future__ import annotations

import pytest

from tests.unit.monitoring.promql.asking import instant, loaded, problem

SERIES = ('metric_total{env="1"} 0 60 120', 'another_total{env="1"} 60 120 180')
AT = 600_000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("metric_total", {"metric_total{env=1}": 120}),
        ("-metric_total", {"{env=1}": -120}),
        ("metric_total + another_total", {"{env=1}": 300}),
        ("metric_total <= another_total", {"metric_total{env=1}": 120}),
        ("metric_total <= bool another_total", {"{env=1}": 1}),
        ("metric_total > 1", {"metric_total{env=1}": 120}),
        ("metric_total * 2", {"{env=1}": 240}),
        ("clamp(metric_total, 0, 100)", {"{env=1}": 100}),
        ("round(metric_total)", {"{env=1}": 120}),
        ("rate(metric_total[10m])", {"{env=1}": 0.2}),
        ("last_over_time(metric_total[10m])", {"metric_total{env=1}": 120}),
        ("first_over_time(metric_total[10m])", {"metric_total{env=1}": 60}),
        ("max_over_time(metric_total[10m])", {"{env=1}": 120}),
        ("last_over_time(rate(metric_total[10m])[5m:5m])", {"{env=1}": 0.2}),
        ("sum by (__name__, env) (metric_total)", {"metric_total{env=1}": 120}),
        ("sum by (__name__, env) (rate(metric_total[10m]))", {"{env=1}": 0.2}),
        ('sum by (env) (rate({env="1"}[10m]))', {"{env=1}": 0.4}),
        ("topk(10, sum by (__name__, env) (rate(metric_total[10m])))", {"{env=1}": 0.2}),
        (
            'label_replace(rate({env="1"}[10m]), "was", "rate_$1", "__name__", "(.+)")',
            {"{env=1,was=rate_metric_total}": 0.2, "{env=1,was=rate_another_total}": 0.2},
        ),
        (
            'label_replace(rate({env="1"}[10m]), "__name__", "rate_$1", "__name__", "(.+)")',
            {"rate_metric_total{env=1}": 0.2, "rate_another_total{env=1}": 0.2},
        ),
        (
            'label_join(rate({env="1"}[10m]), "was", "_", "__name__")',
            {"{env=1,was=metric_total}": 0.2, "{env=1,was=another_total}": 0.2},
        ),
    ],
)
def test_names_last_as_long_as_they_mean_something(query: str, expected: dict[str, float]) -> None:
    assert instant(loaded(300_000, *SERIES), query, AT) == expected


@pytest.mark.parametrize("query", ['rate({env="1"}[10m])', 'sum by (__name__) (rate({env="1"}[10m]))', 'abs({env="1"})'])
def test_series_that_lose_their_names_must_differ_in_the_rest(query: str) -> None:
    assert str(problem(loaded(300_000, *SERIES), query, AT)) == "vector cannot contain metrics with the same labelset"
