"""A query's text as tokens with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from backend.errors import QueryProblem

Kind = Literal["space", "text", "number", "word", "sign"]


def _digits(some: str) -> str:
    """One underscore may stand between two of them."""
    return f"[{some}]+(?:_[{some}]+)*"


_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`)
    |(?P<number>0[xX]_?HEX|(?:[0-9]+(?:ms|[smhdwy]))+(?![a-zA-Z0-9_.])|(?:TEN\.?(?:TEN)?|\.TEN)(?:[eE][-+]?TEN)?)
    |(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)
    |(?P<sign>==|!=|>=|<=|=~|!~|.)""".replace("HEX", _digits("0-9a-fA-F")).replace("TEN", _digits("0-9")),
    re.VERBOSE | re.DOTALL,
)
_WORD_IN_BRACKETS = re.compile("[a-zA-Z_][a-zA-Z0-9_]*")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CARRIES_DEPTH = frozenset("+-*/%^=<>([{,") | {"==", "!=", ">=", "<=", "=~", "!~"}


@dataclass(frozen=True)
class Token:
    kind: Kind
    text: str
    place: int

    @property
    def lower(self) -> str:
        return self.text.lower()


def tokens(text: str) -> list[Token]:
    """All tokens but white space and comments. A string that does not end raises QueryProblem at its place."""
    found: list[Token] = []
    place, in_brackets = 0, False
    while place < len(text):
        token = _next(text, place, in_brackets)
        if token.kind == "sign" and token.text in "[]":
            in_brackets = token.text == "["
        if token.kind == "sign" and token.text in "\"'`":
            raise QueryProblem("bad_data", "unterminated quoted string", place)
        if token.kind != "space":
            found.append(token)
        place += len(token.text)
    return found


def _next(text: str, place: int, in_brackets: bool) -> Token:
    match = _TOKEN.match(text, place)
    if match is None or match.lastgroup is None:
        raise QueryProblem("bad_data", f"unexpected character {text[place]!r}", place)
    if in_brackets and match.lastgroup == "word":  # there a colon parts range and step
        word = _WORD_IN_BRACKETS.match(text, place)
        return Token("word", word.group(), place) if word else Token("sign", text[place], place)
    kind: Kind = match.lastgroup  # type: ignore[assignment]
    return Token(kind, match.group(), place)


def check_brackets(found: list[Token]) -> None:
    """Every bracket is closed by its own kind; else QueryProblem at the one that is not."""
    opened: list[Token] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in _CLOSING:
            opened.append(token)
        elif token.text in _CLOSING.values() and (not opened or _CLOSING[opened.pop().text] != token.text):
            raise QueryProblem("bad_data", f"unexpected '{token.text}'", token.place)
    if opened:
        raise QueryProblem("bad_data", f"unclosed '{opened[-1].text}'", opened[-1].place)


def check_depth(found: list[Token], most: int) -> None:
    """The parser recurses for each operator and bracket, so their number is bounded."""
    heavy = [token for token in found if token.kind == "sign" and token.text in _CARRIES_DEPTH]
    heavy += [token for token in found if token.kind == "word" and token.lower in ("and", "or", "unless", "atan2")]
    if len(heavy) > most:
        raise QueryProblem("bad_data", f"the query has more than {most} operators and brackets", heavy[most].place)
