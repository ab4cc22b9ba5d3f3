"""What docs/metrics/promql.md says of limits and words is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.monitoring.promql.engine import Limits
from backend.monitoring.promql.evaluation import SUBQUERY_STEP_MS
from backend.monitoring.promql.parsing import OPERATORS, TEXT_BYTES, parse
from backend.monitoring.promql.reductions import REDUCTIONS
from backend.monitoring.promql.selection import LOOKBACK_MS

PAGE = (Path(__file__).parents[2] / "docs" / "metrics" / "promql.md").read_text("utf-8")


def test_the_limits_are_those_of_the_engine() -> None:
    limits = Limits()
    assert f"| time | {limits.seconds:g} s |" in PAGE
    assert f"| {limits.samples:,} |" in PAGE
    assert f"| points a series | {limits.points:,} |" in PAGE
    assert f"| operators and brackets | {OPERATORS} |" in PAGE
    assert limits.text_bytes == TEXT_BYTES == 4 * 1024 and "| text | 4 KB |" in PAGE
    assert (LOOKBACK_MS, SUBQUERY_STEP_MS) == (5 * 60_000, 60_000)


@pytest.mark.parametrize("operator", [*REDUCTIONS, "topk", "bottomk", "quantile", "count_values", "limitk", "limit_ratio"])
def test_every_aggregation_is_named(operator: str) -> None:
    assert f"`{operator}`" in PAGE


@pytest.mark.parametrize(
    "query",
    [
        '{"a.b", "c d"="e"}',
        "x[5m * 2]",
        "x[step() + 1m]",
        "x offset -(range() / 2)",
        "x[min_of(5m, step())]",
        "a + on(x) group_left(y) fill_left(0) fill_right(1) b",
        "rate(x[5m] anchored)",
        "rate(x[5m] smoothed)",
    ],
)
def test_what_the_page_shows_is_read(query: str) -> None:
    assert parse(query) is not None
