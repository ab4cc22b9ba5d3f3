"""Where in a query the fault lies that the parser only names."""

from __future__ import annotations

import re

from backend.monitoring.promql.scanning import Token

_OPERATORS = frozenset({"+", "-", "*", "/", "%", "^", "==", "!=", ">", "<", ">=", "<="})
_WORD_OPERATORS = frozenset({"and", "or", "unless", "atan2"})
_MODIFIERS = frozenset({"bool", "on", "ignoring", "group_left", "group_right", "fill", "fill_left", "fill_right"})
_MATCHES = frozenset({"=", "!=", "=~", "!~"})
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")
_COMPARISONS = frozenset({"bool", "==", "!=", ">", "<", ">=", "<="})
_AGGREGATIONS = frozenset({"sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile"}) | frozenset(
    {"count_values", "limitk", "limit_ratio"}
)
_TOLD_BY = (  # some words of the parser, what they are about, and which of these in the query (the last, where there are fewer)
    ("bool modifier", _COMPARISONS, 0),
    ("BOOL modifier", _COMPARISONS, 0),
    ("@ <timestamp> may not be set multiple times", frozenset({"@"}), 1),
    ("offset may not be set multiple times", frozenset({"offset"}), 1),
    ("offset modifier", frozenset({"offset"}), 0),
    ("@ modifier", frozenset({"@"}), 0),
    ("non-empty matcher", frozenset({"{"}), 0),
    ("aggregat", _AGGREGATIONS, 0),
    ("subquery is only allowed", frozenset({"["}), 1),
    ("ranges only allowed", frozenset({"["}), 0),
    ("binary expression must", _OPERATORS | _WORD_OPERATORS, 0),
)
_CLOSING = {"(": ")", "[": "]", "{": "}"}


def place_of(problem: str, found: list[Token], length: int) -> int | None:
    """Offset into the query: of what the parser's words quote, else of the first token that cannot stand where it does."""
    if "no expression found" in problem:
        return 0
    if "unexpected end" in problem:
        return length
    for match in _QUOTED.finditer(problem):
        word = match.group(1) or match.group(2)
        place = next((token.place for token in found if token.lower == word.lower()), None)
        if place is not None:
            return place
    for words, signs, which in _TOLD_BY:
        places = [token.place for token in found if token.lower in signs] if words in problem else []
        if places:
            return places[min(which, len(places) - 1)]
    return _Walk(found, length).fault() if "invalid promql" in problem else None


class _Walk:
    """Reads a query as operands and operators in turn; it knows just enough of the grammar to see where the turns break."""

    def __init__(self, found: list[Token], length: int) -> None:
        self._found = found
        self._length = length
        self._position = 0
        self._fault: int | None = None

    def fault(self) -> int | None:
        operand_next = True
        while self._position < len(self._found):
            token = self._found[self._position]
            step = self._operand(token) if operand_next else self._operator(token)
            if step is None:
                return token.place if self._fault is None else self._fault
            operand_next = step
        return self._length if operand_next else None

    def _operand(self, token: Token) -> bool | None:
        """True: another operand must follow; None: the token cannot stand here."""
        self._position += 1
        if token.text in ("(", "+", "-"):
            return True
        if token.text == "{":
            return self._matchers()
        if token.text == ")" and self._text_at(self._position - 2) == "(":
            return False  # a call without arguments
        if token.kind in ("number", "text"):
            return False
        return self._word(token) if token.kind == "word" else None

    def _word(self, token: Token) -> bool | None:
        if token.lower in _WORD_OPERATORS or token.lower in _MODIFIERS:
            return None
        if self._text_at(self._position).lower() in ("by", "without"):
            self._position += 1
            return self._skip("(", opened=False) if self._text_at(self._position) == "(" else None
        if self._text_at(self._position) == "{":
            self._position += 1
            return self._matchers()
        return False

    def _matchers(self) -> bool | None:
        """``label operator "value"``, or a quoted name alone, with commas between."""
        while (token := self._found[self._position]).text != "}":
            self._position += 1
            if token.kind == "word" or (token.kind == "text" and self._text_at(self._position) in _MATCHES):
                if self._text_at(self._position) not in _MATCHES:
                    self._at_fault()
                    return None
                self._position += 1
                if self._found[self._position].kind != "text":
                    self._at_fault()
                    return None
                self._position += 1
            elif token.kind != "text":
                self._position -= 1
                self._at_fault()
                return None
            if self._text_at(self._position) == ",":
                self._position += 1
            elif self._text_at(self._position) != "}":
                self._at_fault()
                return None
        self._position += 1
        return False

    def _at_fault(self) -> None:
        self._fault = self._found[self._position].place

    def _operator(self, token: Token) -> bool | None:
        self._position += 1
        if token.text in _OPERATORS or token.lower in _WORD_OPERATORS:
            return self._modifiers()
        if token.text == "(":
            return True
        if token.text == ",":
            return True
        if token.text == ")":
            return False
        if token.text == "[":
            return self._skip("[")
        return self._suffix(token)

    def _suffix(self, token: Token) -> bool | None:
        if token.lower in ("by", "without") and self._text_at(self._position) == "(":
            return self._skip("(", opened=False)
        if token.text == "@" or token.lower == "offset":
            while self._text_at(self._position) in ("+", "-"):
                self._position += 1
            return True
        return False if token.lower in ("anchored", "smoothed") else None

    def _modifiers(self) -> bool:
        while self._text_at(self._position).lower() in _MODIFIERS:
            self._position += 1
            if self._text_at(self._position) == "(":
                self._skip("(", opened=False)
        return True

    def _skip(self, opening: str, *, opened: bool = True) -> bool:
        """Past the bracket that closes; an operator may follow."""
        if not opened:
            self._position += 1
        while self._position < len(self._found) and self._found[self._position].text != _CLOSING[opening]:
            self._position += 1
        self._position += 1
        return False

    def _text_at(self, position: int) -> str:
        return self._found[position].text if 0 <= position < len(self._found) else ""
