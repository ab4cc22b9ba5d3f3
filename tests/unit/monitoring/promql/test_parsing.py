"""What is read from a query, what is refused, and where the fault is said to lie."""

from __future__ import annotations

import os
import signal

import pytest

from backend.errors import QueryProblem
from backend.monitoring.promql.grammar import tree
from backend.monitoring.promql.labels import Match, Matcher
from backend.monitoring.promql.nodes import Binary, Call, Negation, Number, Selector, Text
from backend.monitoring.promql.parsing import parse, parse_selector
from backend.monitoring.promql.reading import GrammarProcess


def refused(query: str) -> QueryProblem:
    with pytest.raises(QueryProblem) as caught:
        parse(query)
    assert caught.value.kind == "bad_data"
    return caught.value


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("foo + ", 6),
        ("foo bar", 4),
        ("sum(foo bar)", 8),
        ("foo{a=}", 6),
        ('foo{a="b",,}', 10),
        ("1 + unknown(x)", 4),
        ("1 + rate(foo)", 4),
        ("foo[5m", 3),
        ("(foo", 0),
        ("foo)", 3),
        ("foo[]", 4),
        ("foo[5m:1m:1m]", 9),
        ("foo[5m * ]", 9),
        ("foo offset", 10),
        ("foo offset x", 11),
        ("foo + * bar", 6),
        ("rate(foo[5m]) bar", 14),
        ('x{a="b"}{c="d"}', 8),
        ('foo{a=~"("}', 7),
        ("1 == 2", 2),
        ("x[1d1h1d]", 2),
        ("x[5q]", 3),
        ('"a', 0),
        (r'x{a="\q"}', 4),
        ("foo $ 1", 4),
        ("a and bool b", 6),
        ("", 0),
        ("sum(x) by", 7),
        ("1 + sum(1)", 4),
        ("1 + topk(foo)", 4),
        ("x @ 1 @ 2", 6),
        ("x offset 1m offset 2m", 12),
        ("sum(x) offset 1m", 7),
        ("1 + {}", 4),
        ("x[5m:1m][5m:1m]", 8),
        ("foo[5m] + 1", 8),
    ],
)
def test_the_fault_has_a_place(query: str, place: int) -> None:
    assert refused(query).position == place


@pytest.mark.parametrize(
    "query",
    [
        'foo{a="b" or c="d"}',
        "foo @ 1 @ 2",
        "foo offset 1m offset 2m",
        "foo[5m] + 1",
        "sum(1)",
        "{}",
        '{a=""}',
        '{a=~".*"}',
        'foo{__name__="bar"}',
        "a + on b",
        "a and on() group_left b",
        "topk(foo)",
        "1 - bool 2",
        "foo[0x]",
        "1__0",
        "1_",
        "1._5",
        "1_0s",
        "foo[99999999999999999999y]",
        "time(x)",
        "label_replace(x, 'a')",
        "foo @ nan",
        "foo @",
        "a and fill(0) b",
        "1 + fill(0) b",
        "1 + on(x) b",
        "info(a, b)",
        'info(a, b{c="d"})',
        'info(a, ({c="d"}))',
        "info(a, sum(b))",
        "sum by (a (x)",
        "\ue0001\ue000",
        r'"\ud800"',
        r'"\777"',
    ],
)
def test_what_prometheus_refuses_is_refused(query: str) -> None:
    refused(query)


@pytest.mark.parametrize(
    "query",
    [
        "(" * 3000 + "1" + ")" * 3000,
        "1" + "+1" * 1000,
        "1" + " or 1" * 1000,
        "-" * 4000 + "1",
        "sum(" * 300 + "x" + ")" * 300,
        "x" + "[5m:1m]" * 300,
        "x{" + "," * 3000 + "}",
        "a" * 5000,
        'foo{a=~"(a{1000}){1000}"}',
        "x[9^9^9^9^9^9^9]" + "+x" * 300,
    ],
)
def test_hostile_queries_are_refused_before_the_parser_sees_them(query: str) -> None:
    refused(query)


def test_the_deepest_query_that_is_allowed_is_read() -> None:
    assert parse("-(" * 95 + "x" + ")" * 95) is not None
    assert parse("1" + "+1" * 199) is not None


def test_a_crash_of_the_parser_costs_one_query_and_no_more() -> None:
    grammar = GrammarProcess()
    assert grammar.tree("1") == ["number", 1]
    with pytest.raises(ValueError, match="cannot be read"):
        grammar.tree("(" * 100_000 + "x" + ")" * 100_000)  # overruns the stack; never sent without the checks before it
    assert grammar.tree("x")[0] == "selector"


def test_the_parsers_process_is_begun_again_after_its_death() -> None:
    grammar = GrammarProcess()
    grammar.tree("1")
    process = grammar._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert grammar.tree("2") == ["number", 2]


def test_a_silent_parser_is_not_waited_for() -> None:
    grammar = GrammarProcess()
    grammar.tree("1")
    grammar._patience = 0.1
    process = grammar._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(ValueError, match="cannot be read"):
        grammar.tree("1")
    assert process.returncode is not None


def test_the_parsers_panic_is_an_ordinary_error() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        tree("foo @ -1")


def test_strings_are_ours_with_their_bytes() -> None:
    assert parse(r'"a\xc5\u00e9\n\x41"') == Text("a\udcc5é\nA")
    assert parse(r"`a\n`") == Text(r"a\n")
    assert parse("'\\'\"'") == Text("'\"")


def test_places_are_kept() -> None:
    node = parse("1 + rate(foo[5m])")
    assert isinstance(node, Binary) and isinstance(node.right, Call)
    assert (node.left.place, node.right.place, node.right.arguments[0].place) == (0, 4, 9)


@pytest.mark.parametrize(
    ("text", "value"), [("1_000_000", 1e6), (".123_456", 0.123456), ("1_0.5e1_0", 10.5e10), ("0x_f_f", 255), ("0_10", 8)]
)
def test_digits_may_be_parted_by_underscores(text: str, value: float) -> None:
    assert parse(text) == Number(value)


def test_signs_bind_less_than_powers() -> None:
    assert isinstance(parse("-x^2"), Negation)
    assert parse("-1") == Number(-1)
    assert parse("+x") == parse("x")


@pytest.mark.parametrize("query", ["offset", "by", "sum", "offset offset 3m", "sum(sum) by (offset)", "x + bool", "bottomk", "start"])
def test_words_of_the_grammar_may_be_names(query: str) -> None:
    try:
        assert parse(query) is not None
    except QueryProblem as error:
        assert query == "x + bool", error


def test_a_comment_and_lines_are_space() -> None:
    assert parse("x # all\n  + y") == parse("x + y")


def test_a_selector_alone_is_conditions() -> None:
    assert parse_selector('up{job=~"a|b"}') == (Matcher("__name__", Match.EQUAL, "up"), Matcher("job", Match.REGEX, "a|b"))
    for query in ("up[5m]", "up offset 1m", "sum(up)", "1", "up @ 3"):
        with pytest.raises(QueryProblem):
            parse_selector(query)


def test_matching_and_grouping_are_read() -> None:
    node = parse("a / on(x, y) group_left(z) fill_left(-2) b")
    assert isinstance(node, Binary)
    matching = node.matching
    assert (matching.cardinality, matching.on, matching.labels, matching.include) == ("many-to-one", True, ("x", "y"), ("z",))
    assert (matching.fill_left, matching.fill_right) == (-2, None)
    assert isinstance(node.left, Selector)
