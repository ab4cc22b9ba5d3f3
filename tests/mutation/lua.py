"""Makes small faults in a Lua script, one at a time: another comparison, another operator, another constant, a write left out.

A dropped write calls a local function that answers 0 instead; it stands on the first line, so that no line number moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

PRELUDE = "local function dropped() return 0 end "
WRITES = frozenset(
    "DEL HDEL HINCRBY HSET HSETNX PERSIST PEXPIRE SET XADD XTRIM ZADD ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE".split()  # noqa: SIM905
)
_COMPARISONS = {"==": "~=", "~=": "==", "<=": "<", ">=": ">", "<": "<=", ">": ">="}
_OPERATORS = {"+": "-", "-": "+", "*": "/", "/": "*"}
_CONSTANTS = {"true": "false", "false": "true"}
_TOKENS = re.compile(
    r"(?P<comment>--[^\n]*)|(?P<string>'[^'\n]*'|\"[^\"\n]*\")|(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<operator>==|~=|<=|>=|\.\.|[-+*/^#<>=(){}\[\],.;:])|(?P<space>\s+)"
)
_BEFORE_A_SIGN = frozenset("( , = == ~= < > <= >= { [ + - * / return and or not".split())  # noqa: SIM905


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, of what kind, and the script with it."""

    line: int
    kind: str
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.kind}: `{self.before}` becomes `{self.after}`"


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int


def mutants_of(text: str) -> Iterator[Mutant]:
    """Every mutant of a script, in the order of its text."""
    tokens = [token for token in _tokens(text) if token.kind not in ("comment", "space")]
    for place, token in enumerate(tokens):
        found = _comparison(token) or _arithmetic(tokens, place) or _constant(token) or _dropped_write(tokens, place)
        if found is not None:
            kind, length, after = found
            yield _mutant(text, token.start, length, kind, after)


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        match = _TOKENS.match(text, place)
        if match is None or match.lastgroup is None:
            raise ValueError(f"cannot read the script at {text[place : place + 20]!r}")
        yield _Token(match.lastgroup, match.group(), place)
        place = match.end()


def _comparison(token: _Token) -> tuple[str, int, str] | None:
    after = _COMPARISONS.get(token.text) if token.kind == "operator" else None
    return None if after is None else ("comparison", len(token.text), after)


def _arithmetic(tokens: list[_Token], place: int) -> tuple[str, int, str] | None:
    token = tokens[place]
    is_sign = place == 0 or tokens[place - 1].text in _BEFORE_A_SIGN
    after = None if is_sign else _OPERATORS.get(token.text)
    return None if after is None else ("arithmetic", 1, after)


def _constant(token: _Token) -> tuple[str, int, str] | None:
    if token.kind == "number":
        return "constant", len(token.text), str(int(token.text) + 1) if token.text.isdigit() else "0"
    after = _CONSTANTS.get(token.text) if token.kind == "name" else None
    return None if after is None else ("constant", len(token.text), after)


def _dropped_write(tokens: list[_Token], place: int) -> tuple[str, int, str] | None:
    words = [token.text for token in tokens[place : place + 5]]
    if words[:4] != ["redis", ".", "call", "("] or words[4].strip("'") not in WRITES:
        return None
    return "dropped write", tokens[place + 4].start + len(tokens[place + 4].text) - tokens[place].start, f"dropped({words[4]}"


def _mutant(text: str, start: int, length: int, kind: str, after: str) -> Mutant:
    line = text.count("\n", 0, start) + 1
    changed = text[:start] + after + text[start + length :]
    before_line, after_line = text.split("\n")[line - 1].strip(), changed.split("\n")[line - 1].strip()
    return Mutant(line, kind, before_line, after_line, PRELUDE + changed if kind == "dropped write" else changed)
