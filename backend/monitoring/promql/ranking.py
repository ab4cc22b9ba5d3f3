"""Aggregations that choose among series or need them all: topk, bottomk, limitk, limit_ratio, quantile, count_values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.errors import QueryProblem
from backend.monitoring.promql.nodes import Aggregate
from backend.monitoring.promql.samples import Grid

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation


def ranked(evaluation: Evaluation, node: Aggregate) -> Grid:
    raise QueryProblem("execution", f"unknown aggregation {node.operator}", node.place)
