"""From a query's text to the tree that is evaluated: checked before the parser sees it, read by the parser, built anew."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from backend.errors import QueryProblem
from backend.monitoring.promql.labels import NAME, Match, Matcher
from backend.monitoring.promql.nodes import Aggregate, At, Binary, Call, Matching, Negation, Node, Selector, Subquery, Text, type_of
from backend.monitoring.promql.places import place_of
from backend.monitoring.promql.reading import UNREADABLE, GrammarProcess
from backend.monitoring.promql.rewriting import Rewriting, Tables
from backend.monitoring.promql.scanning import Token, check_brackets, check_depth, tokens

TEXT_BYTES = 4096
OPERATORS = 200
_GRAMMAR = GrammarProcess()


@lru_cache(maxsize=512)
def parse(text: str, text_bytes: int = TEXT_BYTES) -> Node:
    """The tree of a query. QueryProblem('bad_data') says what is wrong, and where as far as that is known."""
    if len(text.encode("utf-8", "surrogateescape")) > text_bytes:
        raise QueryProblem("bad_data", f"the query is longer than {text_bytes} bytes", text_bytes)
    found = tokens(text)
    check_brackets(found)
    check_depth(found, OPERATORS)
    rewriting = Rewriting(found, len(text))
    plain = rewriting.text()
    try:
        tree = _GRAMMAR.tree(plain)
    except ValueError as error:
        raise _problem(rewriting.tables.text(str(error)), found, text) from error
    try:
        return Building(rewriting.tables).node(tree)
    except IndexError as error:  # the parser found a number or duration where the rewriting saw none
        raise QueryProblem("bad_data", UNREADABLE) from error


def _problem(words: str, found: list[Token], text: str) -> QueryProblem:
    place = place_of(words, found, len(text))
    if "invalid promql" in words and place is not None:
        token = next((token for token in found if token.place == place), None)
        words = "unexpected end of input" if token is None else f"unexpected '{token.text}'"
    return QueryProblem("bad_data", words, place)


def parse_selector(text: str) -> tuple[Matcher, ...]:
    """The conditions of one series selector, as ``match[]`` of the HTTP API has it; QueryProblem('bad_data') for anything else."""
    node = parse(text)
    if not isinstance(node, Selector) or node.range is not None or node.offset is not None or node.at is not None:
        raise QueryProblem("bad_data", "expected a series selector")
    return node.matchers


class Building:
    """Makes our nodes from the parser's tree; what was taken out of the text comes back from the tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._calls = iter(tables.calls)
        self._selectors = iter(tables.selectors)

    def node(self, tree: Any) -> Node:
        kind = tree[0]
        match kind:
            case "number":
                return self._tables.number(tree[1])
            case "text":
                return Text(self._tables.text(tree[1]), self._tables.string_place(tree[1]))
            case "paren":
                return self.node(tree[1])
            case "negation":
                return Negation(self.node(tree[1]))
            case "binary":
                return self._binary(tree)
        return self._operand(tree)

    def _operand(self, tree: Any) -> Node:
        match tree[0]:
            case "aggregate":
                return self._aggregate(tree)
            case "call":
                return self._call(tree)
            case "subquery":
                return self._subquery(tree)
            case "matrix":
                return self._selector(tree[1], tree[2])
        return self._selector(tree, None)

    def _call(self, tree: Any) -> Node:
        _, name, arguments = tree
        place = self._call_place(name)
        call = Call(name, tuple(self.node(argument) for argument in arguments), place)
        if name == "info" and len(arguments) > 1 and not self._only_conditions(arguments[1]):
            raise QueryProblem("bad_data", "expected label selectors only", call.arguments[1].place)
        return call

    def _only_conditions(self, tree: Any) -> bool:
        """``{…}``, in which a name may stand in quotes, but not before it."""
        return bool(tree[0] == "selector" and (tree[1] is None or self._tables.string_place(tree[1]) is not None))

    def _call_place(self, name: str) -> int | None:
        token = next(self._calls, None)
        return token.place if token is not None and token.lower == name.lower() else None

    def _aggregate(self, tree: Any) -> Node:
        _, operator, expr, parameter, labels, without = tree
        place = self._call_place(operator)
        first = None if parameter is None else self.node(parameter)
        names = tuple(dict.fromkeys(self._tables.text(label) for label in labels))
        return Aggregate(operator, self.node(expr), first, names, without, place)

    def _binary(self, tree: Any) -> Node:
        _, operator, left, right, modifier = tree
        first, second = self.node(left), self.node(right)
        if modifier is None:
            set_operator = operator in ("and", "or", "unless")
            plain = Matching("many-to-many") if set_operator else Matching()
            return Binary(operator, first, second, matching=plain, place=first.place)
        cardinality, on, labels, include, as_bool, fill_left, fill_right = modifier
        filled = fill_left is not None or fill_right is not None
        if filled and operator in ("and", "or", "unless"):
            raise QueryProblem("bad_data", "filling in missing series not allowed for set operators", first.place)
        if (filled or on or labels) and not type_of(first) == type_of(second) == "vector":
            raise QueryProblem("bad_data", "vector matching only allowed between instant vectors", first.place)
        matching = Matching(
            cardinality,
            on,
            tuple(self._tables.text(label) for label in labels),
            tuple(self._tables.text(label) for label in include),
            None if fill_left is None else self._tables.number(fill_left).value,
            None if fill_right is None else self._tables.number(fill_right).value,
        )
        return Binary(operator, first, second, as_bool, matching, first.place)

    def _subquery(self, tree: Any) -> Node:
        _, inner, length, step, offset, at = tree
        expr = self.node(inner)
        durations = self._tables.durations
        span = durations[length].node
        assert span is not None
        every = None if step is None else durations[step].node
        entry = durations[offset or 0]
        if entry.flavour:
            raise QueryProblem("bad_data", f"{entry.flavour} modifier is not supported for subqueries")
        return Subquery(expr, span, every, entry.node, self._at(at), expr.place)

    def _selector(self, tree: Any, length: int | None) -> Selector:
        _, name, conditions, offset, at = tree
        place = next(self._selectors, None)
        matchers = [Matcher(NAME, Match.EQUAL, self._tables.text(name))] if name is not None else []
        matchers += [self._matcher(label, sign, value, place) for label, sign, value in conditions]
        if sum(matcher.name == NAME and matcher.match is Match.EQUAL for matcher in matchers) > 1 and name is not None:
            raise QueryProblem("bad_data", f"metric name must not be set twice: {matchers[0].value!r}", place)
        if all(matcher.matches("") for matcher in matchers):
            raise QueryProblem("bad_data", "vector selector must contain at least one non-empty matcher", place)
        entry = self._tables.durations[offset or 0]
        span = None if length is None else self._tables.durations[length].node
        return Selector(tuple(matchers), entry.node, self._at(at), span, entry.flavour, place)

    def _matcher(self, name: str, sign: str, value: str, place: int | None) -> Matcher:
        matcher = Matcher(self._tables.text(name), Match(sign), self._tables.text(value))
        if matcher.match in (Match.REGEX, Match.NOT_REGEX):
            try:
                matcher.matches("")
            except re2.error as error:
                where = self._tables.string_place(value)
                raise QueryProblem("bad_data", f"illegal regex for {matcher.value}: {error}", where or place) from error
        return matcher

    def _at(self, at: Any) -> At | None:
        if at is None:
            return None
        return self._tables.times[at[1]] if at[0] == "time" else At(at[0])
