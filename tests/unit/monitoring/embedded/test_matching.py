"""Matchers over many series: the answer of RE2 for every expression, in little time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import re2

from backend.monitoring.promql.labels import Match, Matcher
from tests.unit.monitoring.embedded.stores import T0, named, store_at, written

VALUES = ["", "a", "b", "ab", "a|b", "a.b", "AB", "7", "17", "a\nb", "é", "aaaaaaaaaaaaaaaaaaaaaaaab", "x" * 300]
EXPRESSIONS = [
    "",
    "a",
    "a|b",
    "a|",
    "a.b",
    "a\\.b",
    ".*",
    ".+",
    "(?i)ab",
    "[0-9]+",
    "1?7",
    "(a+)+$",
    "(a+)+b",
    "a{1,3}b?",
    "\\pL",
    "é|x{300}",
]
EXPRESSIONS += ["x" * 300, ".*x" * 100]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_matches_whole_values_as_re2_says(expression: str) -> None:
    pattern = re2.compile(f"(?s:{expression})")
    for value in VALUES:
        expected = pattern.fullmatch(value) is not None
        assert Matcher("l", Match.REGEX, expression).matches(value) is expected
        assert Matcher("l", Match.NOT_REGEX, expression).matches(value) is not expected


def test_ten_thousand_series_are_matched_in_milliseconds(tmp_path: Path) -> None:
    store = store_at(tmp_path)
    labels = [named("took_bucket", route=f"/r/{number // 10}", le=str(number % 10)) for number in range(10_000)]
    store.append([written(one, [T0], [1]) for one in labels])
    hostile = Matcher("route", Match.REGEX, "(/r/(1+)+)+$")
    assert len(store.series([[hostile]], T0, T0)) == 30
    begun = time.process_time()
    for _ in range(5):
        assert next(store.select([Matcher("le", Match.EQUAL, "3"), hostile], 0, 2**60)).times.size == 1
    assert (time.process_time() - begun) / 5 < 0.05


def test_a_series_that_comes_later_is_found_by_a_question_asked_before(tmp_path: Path) -> None:
    store, other = store_at(tmp_path), store_at(tmp_path)
    asked = [[Matcher("n", Match.REGEX, "[0-9]")]]
    for number in range(5):
        other.append([written(named("a", n=str(number)), [T0], [1])])
        assert len(store.series(asked, T0, T0)) == number + 1
