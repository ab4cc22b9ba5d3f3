"""A query's tree as text again, with the parentheses it needs and no others, and the selectors in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from backend.monitoring.durations import words_of
from backend.monitoring.promql.answers import number_text
from backend.monitoring.promql.labels import NAME, Match, Matcher
from backend.monitoring.promql.nodes import Aggregate, At, Binary, Call, Matching, Negation, Node, Number, Selector, Subquery, Text

_COMPARING, _ADDING, _MULTIPLYING = ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/", "%", "atan2")
_POWER = {"or": 1, "and": 2, "unless": 2, **dict.fromkeys(_COMPARING, 3), **dict.fromkeys(_ADDING, 4), **dict.fromkeys(_MULTIPLYING, 5)}
_POWER_OF_POWER, _POWER_OF_SIGN, _HIGHEST = 7, 6, 9
_PLAIN_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def printed(node: Node) -> str:
    """On one line."""
    match node:
        case Number(value=value):
            return number_text(value)
        case Text(value=value):
            return _quoted(value)
        case Selector():
            return _selector(node)
        case Subquery():
            return _subquery(node)
        case _:
            return _operation(node)


def _operation(node: Call | Aggregate | Negation | Binary) -> str:
    match node:
        case Call(name=name, arguments=arguments):
            return f"{name}({', '.join(map(printed, arguments))})"
        case Aggregate():
            return _aggregate(node)
        case Negation(expr=expr):
            return f"-{_within(expr, _POWER_OF_SIGN)}"
        case Binary():
            return _binary(node)


def _subquery(node: Subquery) -> str:
    step = "" if node.step is None else _duration(node.step)
    return f"{_within(node.expr, _HIGHEST)}[{_duration(node.range)}:{step}]{_moved(node.offset, node.at)}"


def selectors_in(node: Node) -> Iterator[tuple[Matcher, ...]]:
    """The conditions of every selector of a query."""
    match node:
        case Selector(matchers=matchers):
            yield matchers
        case Subquery(expr=expr) | Negation(expr=expr) | Aggregate(expr=expr):
            yield from selectors_in(expr)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from selectors_in(argument)
        case Binary(left=left, right=right):
            yield from selectors_in(left)
            yield from selectors_in(right)
        case _:
            return


def _power(node: Node) -> int:
    match node:
        case Binary(operator="^"):
            return _POWER_OF_POWER
        case Binary(operator=operator):
            return _POWER[operator]
        case Negation():
            return _POWER_OF_SIGN
        case Number(value=value) if value < 0:
            return _POWER_OF_SIGN
    return _HIGHEST


def _within(node: Node, power: int) -> str:
    return printed(node) if _power(node) >= power else f"({printed(node)})"


def _binary(node: Binary) -> str:
    power = _power(node)
    right_first = node.operator == "^"
    left = _within(node.left, power + right_first)
    right = _within(node.right, power + (not right_first))
    return f"{left} {node.operator}{' bool' if node.as_bool else ''}{_matching(node.matching)} {right}"


def _matching(matching: Matching) -> str:
    words = []
    if matching.on or matching.labels:
        words.append(f"{'on' if matching.on else 'ignoring'} ({', '.join(matching.labels)})")
    sides = {"many-to-one": "group_left", "one-to-many": "group_right"}
    if matching.cardinality in sides:
        words.append(f"{sides[matching.cardinality]} ({', '.join(matching.include)})")
    for name, value in (("fill_left", matching.fill_left), ("fill_right", matching.fill_right)):
        if value is not None:
            words.append(f"{name} ({number_text(value)})")
    return "".join(f" {word}" for word in words)


def _aggregate(node: Aggregate) -> str:
    by = f" {'without' if node.without else 'by'} ({', '.join(map(_label, node.labels))}) " if node.labels or node.without else ""
    inside = [printed(part) for part in (node.parameter, node.expr) if part is not None]
    return f"{node.operator}{by}({', '.join(inside)})"


def _selector(node: Selector) -> str:
    name = next((one.value for one in node.matchers if one.name == NAME and one.match is Match.EQUAL), "")
    shown = name if _PLAIN_NAME.fullmatch(name) else ""
    rest = [one for one in node.matchers if not (shown and one.name == NAME and one.match is Match.EQUAL and one.value == shown)]
    conditions = ", ".join(f"{_label(one.name)}{one.match}{_quoted(one.value)}" for one in rest)
    braces = f"{{{conditions}}}" if conditions or not shown else ""
    length = "" if node.range is None else f"[{_duration(node.range)}]"
    flavour = f" {node.flavour}" if node.flavour else ""
    return f"{shown}{braces}{length}{flavour}{_moved(node.offset, node.at)}"


def _moved(offset: Node | None, at: At | None) -> str:
    words = ""
    if at is not None:
        words += f" @ {at.seconds:.3f}" if at.point == "time" else f" @ {at.point}()"
    if offset is not None:
        words += f" offset {_duration(offset)}"
    return words


def _duration(node: Node) -> str:
    """As Prometheus writes it, ``1h30m``; what is to be worked out is left as it is, in parentheses."""
    match node:
        case Number(value=value):
            return words_of(round(value * 1000))
        case Negation(expr=Number(value=value)):
            return f"-{words_of(round(value * 1000))}"
    return f"({printed(node)})"


def _label(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
