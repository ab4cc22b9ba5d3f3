"""Arithmetic of durations, ``[5m * 2]``, ``offset -(step() + 1m)``: read here, since the parser knows none, and worked out."""

from __future__ import annotations

import math

from backend.errors import QueryProblem
from backend.monitoring.promql.literals import number_of
from backend.monitoring.promql.nodes import Binary, Call, Negation, Node, Number
from backend.monitoring.promql.scanning import Token

_POWERS = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
_SIGN_POWER = 2  # a sign binds as multiplication does, so -2^2 is -(2^2)
_FUNCTIONS = {"step": 0, "range": 0, "min_of": 2, "max_of": 2, "min": 2, "max": 2}


class DurationReader:
    """Reads one duration from ``tokens``, starting at ``position``, which then stands after it."""

    def __init__(self, tokens: list[Token], position: int, end_of_text: int) -> None:
        self._tokens = tokens
        self._end_of_text = end_of_text
        self.position = position

    def expression(self, power: int = 0) -> Node:
        left = self.signed(power_of_sign=_SIGN_POWER)
        while (sign := self._ahead()) in _POWERS and _POWERS[sign] > power:
            place = self._take().place
            right = self.expression(_POWERS[sign] - (1 if sign == "^" else 0))
            left = Binary(sign, left, right, place=place)
        return left

    def signed(self, power_of_sign: int | None = None) -> Node:
        """An atom with signs before it; after ``offset`` there is no more to a duration."""
        if self._ahead() in ("+", "-"):
            sign = self._take()
            inner = self.signed() if power_of_sign is None else self.expression(power_of_sign)
            return inner if sign.text == "+" else Negation(inner, place=sign.place)
        return self._atom()

    def _atom(self) -> Node:
        token = self._take()
        if token.kind == "number":
            return Number(number_of(token), token.place)
        if token.text == "(":
            inner = self.expression()
            self._expect(")")
            return inner
        if token.lower in _FUNCTIONS:
            return self._call(token)
        raise QueryProblem("bad_data", f"unexpected '{token.text}' in a duration", token.place)

    def _call(self, name: Token) -> Node:
        self._expect("(")
        arguments: list[Node] = []
        while self._ahead() != ")":
            if arguments:
                self._expect(",")
            arguments.append(self.expression())
        self._expect(")")
        if len(arguments) != _FUNCTIONS[name.lower]:
            raise QueryProblem("bad_data", f"expected {_FUNCTIONS[name.lower]} argument(s) in call to '{name.text}'", name.place)
        return Call({"min": "min_of", "max": "max_of"}.get(name.lower, name.lower), tuple(arguments), name.place)

    def _ahead(self) -> str:
        return self._tokens[self.position].text if self.position < len(self._tokens) else ""

    def _take(self) -> Token:
        if self.position >= len(self._tokens):
            raise QueryProblem("bad_data", "unexpected end of input in a duration", self._end_of_text)
        self.position += 1
        return self._tokens[self.position - 1]

    def _expect(self, sign: str) -> None:
        token = self._take()
        if token.text != sign:
            raise QueryProblem("bad_data", f"unexpected '{token.text}' in a duration, expected '{sign}'", token.place)


def milliseconds(duration: Node, step_ms: int, range_ms: int) -> int:
    """What a duration comes to in a query of this step and length (0 both in an instant one)."""
    value = _seconds(duration, step_ms / 1000, range_ms / 1000)
    if not math.isfinite(value) or abs(value) > 9.2e9:
        raise QueryProblem("bad_data", "duration out of range", duration.place)
    return round(value * 1000)


def _seconds(node: Node, step: float, length: float) -> float:
    match node:
        case Number(value=value):
            return value
        case Negation(expr=expr):
            return -_seconds(expr, step, length)
        case Call(name="step"):
            return step
        case Call(name="range"):
            return length
        case Call(name=name, arguments=arguments):
            values = [_seconds(argument, step, length) for argument in arguments]
            return min(values) if name == "min_of" else max(values)
        case Binary(operator=operator, left=left, right=right):
            return _combined(operator, _seconds(left, step, length), _seconds(right, step, length), node.place)
    raise QueryProblem("bad_data", "not a duration", node.place)


def _combined(operator: str, left: float, right: float, place: int | None) -> float:
    if operator in "/%" and right == 0:
        raise QueryProblem("bad_data", "division by zero" if operator == "/" else "modulo by zero", place)
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "%":
                return math.fmod(left, right)
        return math.pow(left, right)
    except (OverflowError, ValueError) as error:
        raise QueryProblem("bad_data", "duration out of range", place) from error
