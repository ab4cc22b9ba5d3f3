"""Where in a PromQL expression somebody is writing: at its end. A light reading that also copes with what is not finished yet. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<string>"(?:[^"\\]|\\.)*(?:"|\Z) | '(?:[^'\\]|\\.)*(?:'|\Z) | `[^`]*(?:`|\Z))
      | (?P<number>\d[\d.a-zA-Z]*)
      | (?P<word>[A-Za-z_:][A-Za-z0-9_:]*)
      | (?P<match>=~|!~|!=|==|=)
      | (?P<sign>[^\s])""",
    re.VERBOSE,
)
_GROUPING = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})
_NO_METRIC = _GROUPING | {"and", "or", "unless", "bool", "offset", "start", "end", "inf", "nan"}
_PAIRS = {")": "(", "}": "{", "]": "["}


class What(StrEnum):
    """What may stand at the end."""

    EXPRESSION = "expression"
    LABEL = "label"
    GROUPING = "grouping"
    MATCH = "match"
    VALUE = "value"
    DURATION = "duration"
    OPERATOR = "operator"
    NEXT = "next"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Place:
    """``prefix`` begins at ``start`` and would be replaced; ``selector`` narrows labels and values to what is selected so far."""

    what: What
    prefix: str
    start: int
    selector: str = ""
    label: str = ""
    match: str = ""
    quote: str = ""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def is_open(self) -> bool:
        """A string whose end is not written yet."""
        return self.kind == "string" and (len(self.text) < 2 or self.text[-1] != self.text[0] or _is_escaped(self.text))


def place(text: str) -> Place:
    """What is being written at the end of ``text``."""
    tokens = [_Token(str(found.lastgroup), found[0], found.start()) for found in _TOKEN.finditer(text)]
    if tokens and tokens[-1].kind == "comment" and tokens[-1].end == len(text):
        return Place(What.NOTHING, "", len(text))
    tokens = [token for token in tokens if token.kind != "comment"]
    opened = _opened(tokens)
    if opened is None:
        return _of_expression(text, tokens)
    bracket = tokens[opened].text
    if bracket == "{":
        return _of_selector(text, tokens, opened)
    if bracket == "[":
        last = tokens[-1]
        start = last.start if last.kind in ("number", "word") and last.end == len(text) else len(text)
        return Place(What.DURATION, text[start:], start)
    before = tokens[opened - 1] if opened else None
    if before is not None and before.text.lower() in _GROUPING:
        return _of_grouping(text, tokens)
    return _of_expression(text, tokens)


def metrics(text: str) -> tuple[str, ...]:
    """The names in an expression that stand where a metric stands, each once, in their order."""
    tokens = [_Token(str(found.lastgroup), found[0], found.start()) for found in _TOKEN.finditer(text)]
    return tuple(dict.fromkeys(tokens[at].text for at in range(len(tokens)) if _is_metric(tokens, at)))


def _opened(tokens: list[_Token]) -> int | None:
    """The index of the innermost bracket that is still open."""
    stack: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in "({[":
            stack.append(index)
        elif token.text in _PAIRS and stack and tokens[stack[-1]].text == _PAIRS[token.text]:
            stack.pop()
    return stack[-1] if stack else None


def _of_expression(text: str, tokens: list[_Token]) -> Place:
    if not tokens:
        return Place(What.EXPRESSION, "", len(text))
    last = tokens[-1]
    if last.is_open or (last.kind == "number" and last.end == len(text)):
        return Place(What.NOTHING, "", len(text))
    if last.kind == "word" and last.end == len(text):
        return Place(What.EXPRESSION, last.text, last.start)
    ends_operand = last.kind in ("number", "string") or last.text in _PAIRS or (last.kind == "word" and last.text.lower() not in _NO_METRIC)
    return Place(What.OPERATOR if ends_operand else What.EXPRESSION, "", len(text))


def _of_selector(text: str, tokens: list[_Token], opened: int) -> Place:
    begins = tokens[opened]
    metric = tokens[opened - 1].text if opened and _is_metric(tokens, opened - 1) and tokens[opened - 1].end == begins.start else ""
    inside = tokens[opened + 1 :]
    written = _since_comma(inside)
    done = text[begins.end : written[0].start if written else len(text)].rstrip().rstrip(",")
    selector = f"{metric}{{{done}}}" if done else metric
    match [token.kind for token in written]:
        case []:
            return Place(What.LABEL, "", len(text), selector)
        case ["word"]:
            is_written = written[0].end == len(text)
            return (
                Place(What.LABEL, written[0].text, written[0].start, selector) if is_written else Place(What.MATCH, "", len(text), selector)
            )
        case ["word", "match"]:
            return Place(What.VALUE, "", len(text), selector, written[0].text, written[1].text)
        case ["word", "match", "string"] if written[2].is_open:
            value = written[2]
            return Place(What.VALUE, value.text[1:], value.start, selector, written[0].text, written[1].text, value.text[0])
        case ["word", "match", "string"]:
            return Place(What.NEXT, "", len(text), selector)
        case _:
            return Place(What.NOTHING, "", len(text), selector)


def _since_comma(inside: list[_Token]) -> list[_Token]:
    """The tokens of the matcher that is being written."""
    commas = [index for index, token in enumerate(inside) if token.kind == "sign" and token.text == ","]
    return inside[commas[-1] + 1 :] if commas else inside


def _of_grouping(text: str, tokens: list[_Token]) -> Place:
    last = tokens[-1]
    named = [tokens[at].text for at in range(len(tokens)) if _is_metric(tokens, at)]
    start = last.start if last.kind == "word" and last.end == len(text) else len(text)
    ready = last.text in ("(", ",") or start < len(text)
    return Place(What.GROUPING if ready else What.NOTHING, text[start:], start, named[-1] if named else "")


def _is_metric(tokens: list[_Token], at: int) -> bool:
    """A word that neither calls, nor groups, nor is a label or its value."""
    token = tokens[at]
    if token.kind != "word" or token.text.lower() in _NO_METRIC:
        return False
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    before = _opened(tokens[:at])
    if before is not None and tokens[before].text in "{[":
        return False
    if before is not None and before and tokens[before - 1].text.lower() in _GROUPING:
        return False
    return after != "(" and after.lower() not in _GROUPING - {"on", "ignoring"}


def _is_escaped(string: str) -> bool:
    """Whether the closing quote is itself escaped, and so closes nothing."""
    if string[0] == "`":
        return False
    body = string[1:-1]
    return (len(body) - len(body.rstrip("\\"))) % 2 == 1
