"""Queries written out again: they read back as the same tree, with the parentheses they need."""

from __future__ import annotations

from random import Random

import pytest

from backend.metrics_server.trees import printed, selectors_in
from backend.monitoring.promql.parsing import parse
from tests.support.promql_expressions import Expressions


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("sum by(job)(rate(load[5m]))", "sum by (job) (rate(load[5m]))"),
        ("(1+2)*3-(4-5)", "(1 + 2) * 3 - (4 - 5)"),
        ("2^3^2", "2 ^ 3 ^ 2"),
        ("(2^3)^2", "(2 ^ 3) ^ 2"),
        ("-a^2", "-a ^ 2"),
        ("a and (b or c)", "a and (b or c)"),
        ("a*on(x)group_left(y)b>bool 1", "a * on (x) group_left (y) b > bool 1"),
        ('{__name__="odd name",x=~"a\\"b"}', '{__name__="odd name", x=~"a\\"b"}'),
        ("max_over_time((a+b)[1h:5m] offset -30s)", "max_over_time((a + b)[1h:5m] offset -30s)"),
        ("a @ start() offset 90s", "a @ start() offset 1m30s"),
        ("topk without()(3,a)", "topk without () (3, a)"),
    ],
)
def test_it_is_written_as_people_write_it(given: str, written: str) -> None:
    assert printed(parse(given)) == written


def test_what_is_written_reads_back_as_the_same() -> None:
    expressions = Expressions(Random(5))
    for _ in range(300):
        tree = parse(expressions.one())
        assert parse(printed(tree)) == tree, printed(tree)


def test_every_selector_of_a_query_is_found() -> None:
    query = "sum(a) / on (x) rate(b[5m]) + max_over_time((-c)[5m:1m]) and abs(d) * scalar(e)"
    assert [matchers[0].value for matchers in selectors_in(parse(query))] == ["a", "b", "c", "d", "e"]
