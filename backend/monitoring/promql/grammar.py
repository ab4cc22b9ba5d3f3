"""The door to promql_parser: a query that was made harmless, as a plain tree; ``python -m …grammar`` answers one a line.

The parser overruns its stack on deep input and panics past ``except Exception``, so others reach it through a process of its own.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import promql_parser as parser

Tree = list[Any]


def tree(text: str) -> Tree:
    """``[kind, …]`` with trees and plain values inside; ValueError says what the grammar does not allow."""
    try:
        return _tree(parser.parse(text))
    except ValueError:
        raise
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError("the query cannot be read") from error


def _tree(expr: Any) -> Tree:
    match expr:
        case parser.NumberLiteral():
            return ["number", expr.val]
        case parser.StringLiteral():
            return ["text", expr.val]
        case parser.SubqueryExpr() | parser.MatrixSelector() | parser.VectorSelector():
            return _selection(expr)
    return _operation(expr)


def _operation(expr: Any) -> Tree:
    match expr:
        case parser.ParenExpr():
            return ["paren", _tree(expr.expr)]
        case parser.UnaryExpr():
            return ["negation", _tree(expr.expr)]
        case parser.BinaryExpr():
            return ["binary", str(expr.op), _tree(expr.lhs), _tree(expr.rhs), _matching(expr.modifier)]
        case parser.AggregateExpr():
            return _aggregate(expr)
        case parser.Call():
            return ["call", expr.func.name, [_tree(argument) for argument in expr.args]]
    raise ValueError(f"unknown expression {type(expr).__name__}")


def _selection(expr: Any) -> Tree:
    match expr:
        case parser.SubqueryExpr():
            return ["subquery", _tree(expr.expr), _key(expr.range), _key(expr.step), _key(expr.offset), _at(expr.at)]
        case parser.MatrixSelector():
            return ["matrix", _tree(expr.vector_selector), _key(expr.range)]
    if expr.matchers.or_matchers:
        raise ValueError('unexpected "or" between label matchers')
    matchers = [[matcher.name, _operator(matcher.op), matcher.value] for matcher in expr.matchers.matchers]
    return ["selector", expr.name, matchers, _key(expr.offset), _at(expr.at)]


def _aggregate(expr: Any) -> Tree:
    modifier = expr.modifier
    without = modifier is not None and modifier.type == parser.AggModifierType.Without
    labels = list(modifier.labels) if modifier is not None else []
    parameter = expr.param
    return ["aggregate", str(expr.op), _tree(expr.expr), _parameter(parameter), labels, without]


def _parameter(parameter: Any) -> Tree | None:
    if parameter is None:
        return None
    return ["text", parameter] if isinstance(parameter, str) else _tree(parameter)


def _matching(modifier: Any) -> Tree | None:
    if modifier is None:
        return None
    matching, fill = modifier.matching, modifier.fill_values
    on = matching is not None and matching.type == parser.LabelModifierType.Include
    labels = list(matching.labels) if matching is not None else []
    return [_cardinality(modifier.card), on, labels, list(modifier.group_labels or []), modifier.return_bool, fill.lhs, fill.rhs]


def _cardinality(card: Any) -> str:
    kinds = parser.VectorMatchCardinality
    names = {"many-to-one": kinds.ManyToOne, "one-to-many": kinds.OneToMany, "many-to-many": kinds.ManyToMany}
    return next((name for name, kind in names.items() if card == kind), "one-to-one")


def _operator(match: Any) -> str:
    kinds = parser.MatchOp
    return next(sign for sign, kind in (("=", kinds.Equal), ("!=", kinds.NotEqual), ("=~", kinds.Re), ("!~", kinds.NotRe)) if match == kind)


def _key(duration: Any) -> int | None:
    """Durations stand in for entries of a table, one millisecond each."""
    return None if duration is None else round(duration.total_seconds() * 1000)


def _at(modifier: Any) -> Tree | None:
    if modifier is None:
        return None
    if modifier.type == parser.AtModifierType.At:
        return ["time", round(modifier.at.timestamp())]
    return ["start" if modifier.type == parser.AtModifierType.Start else "end", 0]


def serve() -> None:
    """Answer one line of JSON with another until the input ends."""
    for line in sys.stdin:
        try:
            answer: dict[str, object] = {"tree": tree(json.loads(line))}
        except (ValueError, RecursionError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
