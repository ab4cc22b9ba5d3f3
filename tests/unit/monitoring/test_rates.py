"""Rates from counters: safe against restarts and gaps, and None where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.monitoring.rates import added, figures, grown, increases, quantile, sparks
from backend.monitoring.records import CounterReading, Counters, Histogram
from tests.support.clock import START

INF = float("inf")
BOUNDS = (0.1, 1.0, INF)


def counters(requests: float, errors: float = 0, charts: float = 0, degraded: float = 0, fast: float | None = None) -> Counters:
    quick = requests if fast is None else fast
    return Counters(requests, errors, charts, degraded, Histogram(BOUNDS, (quick, requests, requests)))


def reading(second: float, value: Counters, instance: str = "a") -> CounterReading:
    return CounterReading(START + timedelta(seconds=second), instance, value)


def test_one_reading_is_no_rate() -> None:
    found = figures(increases([reading(0, counters(100))]))
    assert (found.requests_per_second, found.error_ratio, found.p95_seconds, found.degraded_ratio) == (None, None, None, None)


def test_differences_become_rates_and_ratios() -> None:
    found = figures(
        increases([reading(0, counters(100, 1, 50, 0)), reading(5, counters(150, 6, 90, 10)), reading(10, counters(200, 11, 100, 10))])
    )
    assert found.requests_per_second == 10.0
    assert found.error_ratio == 0.1
    assert found.degraded_ratio == 0.2


def test_what_a_young_process_counted_before_its_first_reading_is_not_lost() -> None:
    first = replace(counters(30), started_at=START)
    assert figures(increases([reading(3, first)])).requests_per_second == 10.0
    assert increases([reading(300, first)]) == []


def test_nothing_asked_is_a_rate_of_zero_and_no_ratio() -> None:
    found = figures(increases([reading(0, counters(100)), reading(5, counters(100))]))
    assert found.requests_per_second == 0.0
    assert found.error_ratio is None and found.p95_seconds is None and found.degraded_ratio is None


def test_processes_add_up() -> None:
    both = [reading(second, counters(second * 10), name) for second in (0, 5, 10) for name in ("a", "b")]
    assert figures(increases(both)).requests_per_second == 20.0


def test_a_counter_that_fell_began_again() -> None:
    assert grown(counters(100, 5), counters(7, 1)) == counters(7, 1)
    assert figures(increases([reading(0, counters(1000)), reading(5, counters(10)), reading(10, counters(60))])).requests_per_second == 6.0


def test_a_long_silence_is_a_gap() -> None:
    assert increases([reading(0, counters(0)), reading(600, counters(6000))]) == []


def test_another_shape_of_buckets_counts_for_nothing() -> None:
    old, new = Histogram((1.0, INF), (5, 5)), Histogram(BOUNDS, (5, 5, 5))
    assert grown(Counters(5, latency=old), Counters(6, latency=new)).latency == Histogram()
    assert added([old, new]) == old


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((100, 100, 100), 0.095), ((0, 100, 100), 0.955), ((90, 100, 100), 0.55), ((0, 0, 100), 1.0), ((0, 0, 0), None)],
)
def test_quantiles_are_prometheus_s(counts: tuple[float, ...], expected: float | None) -> None:
    found = quantile(0.95, Histogram(BOUNDS, counts))
    assert found is None if expected is None else found == pytest.approx(expected)


def test_sparks_cover_the_span_and_leave_gaps_open() -> None:
    end = START + timedelta(minutes=15)
    found = sparks([reading(850 + 5 * step, counters(50 * step)) for step in range(11)], end, timedelta(minutes=15), 30)
    rates = found["requests_per_second"]
    assert len(rates) == 30 and rates[:28] == (None,) * 28 and rates[28:] == (10.0, 10.0)
    assert set(found) == {"requests_per_second", "error_ratio", "p95_seconds", "degraded_ratio"}
