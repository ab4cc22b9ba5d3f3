"""What the parser cannot read, or reads wrongly, is taken out of a query and leaves the number of its entry in a table.

Strings (byte escapes), numbers (their places), times after ``@`` (negative ones panic), durations (arithmetic is refused)
and the words ``anchored`` and ``smoothed`` are ours; grammar and types remain the parser's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from backend.errors import QueryProblem
from backend.monitoring.promql.durations import DurationReader
from backend.monitoring.promql.literals import number_of, text_of, word_number
from backend.monitoring.promql.nodes import At, Flavour, Negation, Node, Number
from backend.monitoring.promql.scanning import Token

_MARK = "\ue000"
_STRING = re.compile(f"{_MARK}([0-9]+){_MARK}")
_KEYWORDS = frozenset({"and", "or", "unless", "atan2", "by", "without", "on", "ignoring", "group_left", "group_right"}) | frozenset(
    {"bool", "offset", "fill", "fill_left", "fill_right", "anchored", "smoothed"}
)
_LISTS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


@dataclass(frozen=True)
class Duration:
    node: Node | None
    flavour: Flavour = ""


@dataclass
class Tables:
    """What was taken out, entry n under the number n; nothing stands under 0. Places are in the order of the text."""

    strings: list[tuple[str, int]] = field(default_factory=lambda: [("", 0)])
    numbers: list[Number] = field(default_factory=lambda: [Number(0.0)])
    durations: list[Duration] = field(default_factory=lambda: [Duration(None)])
    times: list[At] = field(default_factory=lambda: [At("time")])
    calls: list[Token] = field(default_factory=list)
    selectors: list[int] = field(default_factory=list)

    def text(self, marked: str) -> str:
        """``marked`` with the strings that stood in the query."""
        return _STRING.sub(lambda match: self.strings[int(match.group(1))][0], marked)

    def string_place(self, marked: str) -> int | None:
        match = _STRING.search(marked)
        return self.strings[int(match.group(1))][1] if match else None

    def number(self, value: float) -> Number:
        """Of the number that stands for another; its sign is the parser's."""
        entry = self.numbers[round(abs(value))]
        return Number(-entry.value, entry.place) if value < 0 else entry


class Rewriting:
    """One pass over the tokens of a query."""

    def __init__(self, found: list[Token], length: int) -> None:
        self._found = found
        self._length = length
        self._position = 0
        self._braces = False
        self._lists = 0
        self._out: list[str] = []
        self._offsets: list[int] = []  # where the last selector's offset stands in ``_out``
        self.tables = Tables()

    def text(self) -> str:
        while self._position < len(self._found):
            self._one(self._found[self._position])
        return " ".join(self._out)

    def _one(self, token: Token) -> None:
        if token.kind == "text":
            self._string(token)
        elif token.text == "[" and not self._braces:
            self._range()
        elif token.text == "@" and not self._braces:
            self._at()
        elif token.kind == "number":
            self._number(token, number_of(token))
        elif token.kind == "word":
            self._word(token)
        else:
            self._sign(token)

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._position += 1

    def _string(self, token: Token) -> None:
        self.tables.strings.append((text_of(token), token.place))
        self._put(f'"{_MARK}{len(self.tables.strings) - 1}{_MARK}"')

    def _number(self, token: Token, value: float) -> None:
        self.tables.numbers.append(Number(value, self._place_with_signs(token)))
        self._put(str(len(self.tables.numbers) - 1))

    def _place_with_signs(self, token: Token) -> int:
        """Signs before a number are part of it, unless there is something to add it to."""
        place, position = token.place, self._position
        while position and self._text_at(position - 1) in ("+", "-") and not self._ends_operand(position - 2):
            position -= 1
            place = self._found[position].place
        return place

    def _sign(self, token: Token) -> None:
        if token.text == "{":
            self._braces = True
            if not self._follows_name():
                self.tables.selectors.append(token.place)
        elif token.text == "}":
            self._braces = False
        elif token.text == ")" and self._lists:
            self._lists -= 1
        self._put(token.text)

    def _word(self, token: Token) -> None:
        if self._braces or self._lists:
            return self._put(token.text)
        value = word_number(token.text)
        if value is not None:
            return self._number(token, value)
        if self._follows_operand() and token.lower == "offset":
            return self._offset()
        if self._follows_operand() and token.lower in ("anchored", "smoothed"):
            return self._flavour(token)
        ahead = self._text_at(self._position + 1)
        if token.lower in _LISTS and ahead == "(":
            self._lists = 1
            self._put(token.text)
            return self._put("(")
        if ahead == "(":
            self.tables.calls.append(token)
        elif not self._is_keyword(token) and not self._names_aggregation():
            self.tables.selectors.append(token.place)
        return self._put(token.text)

    def _is_keyword(self, token: Token) -> bool:
        """A word of the grammar, which as the first of a query or of brackets can only be a metric's name."""
        return token.lower in _KEYWORDS and bool(self._out) and self._out[-1] != "("

    def _names_aggregation(self) -> bool:
        """``sum by (a) (x)``: the operator before its labels."""
        if self._text_at(self._position + 1).lower() in ("by", "without") and self._text_at(self._position + 2) == "(":
            self.tables.calls.append(self._found[self._position])
            return True
        return False

    def _range(self) -> None:
        reader = DurationReader(self._found, self._position + 1, self._length)
        length = self._duration(Duration(reader.expression()))
        step = ""
        if self._text_at(reader.position) == ":":
            reader.position += 1
            step = ":"
            if self._text_at(reader.position) != "]":
                step += self._duration(Duration(reader.expression()))
        if self._text_at(reader.position) != "]":
            place = self._found[reader.position].place if reader.position < len(self._found) else self._length
            raise QueryProblem("bad_data", f"unexpected '{self._text_at(reader.position)}' inside brackets", place)
        self._out.append(f"[{length}{step}]")
        self._position = reader.position + 1

    def _offset(self) -> None:
        reader = DurationReader(self._found, self._position + 1, self._length)
        node = reader.signed()
        self._position = reader.position
        before = self._offset_before()
        flavour = self.tables.durations[before]
        if before and flavour.node is None:
            self.tables.durations[before] = Duration(node, flavour.flavour)
        else:
            self._out.append(f"offset {self._duration(Duration(node))}")

    def _duration(self, duration: Duration) -> str:
        self.tables.durations.append(duration)
        return f"{len(self.tables.durations) - 1}ms"

    def _flavour(self, token: Token) -> None:
        """The word becomes an offset of its own kind, or changes the one that is there."""
        flavour: Flavour = "anchored" if token.lower == "anchored" else "smoothed"
        offset = self._offset_before()
        if not offset:
            self._out.append(f"offset {self._duration(Duration(None, flavour))}")
        else:
            self.tables.durations[offset] = Duration(self.tables.durations[offset].node, flavour)
        self._position += 1

    def _offset_before(self) -> int:
        """The number of the offset that the selector before has already; 0 where it has none."""
        for part in reversed(self._out[-3:]):
            if part.startswith("offset "):
                return int(part[len("offset ") : -len("ms")])
            if not part.startswith(("@", "[")):
                return 0
        return 0

    def _at(self) -> None:
        place = self._found[self._position].place
        position = self._position + 1
        word = self._text_at(position).lower()
        if word in ("start", "end") and self._text_at(position + 1) == "(":
            self._out.append(f"@ {word}()")
            self._position = position + 3
            return
        reader = DurationReader(self._found, position, self._length)
        named = word_number(word.lstrip("+-")) if word not in ("+", "-") else word_number(self._text_at(position + 1))
        if named is not None or position >= len(self._found):
            raise QueryProblem("bad_data", "timestamp out of bounds for @ modifier", place)
        self.tables.times.append(At("time", _signed_value(reader.signed(), place)))
        self._out.append(f"@ {len(self.tables.times) - 1}")
        self._position = reader.position

    def _follows_operand(self) -> bool:
        return self._ends_operand(self._position - 1)

    def _ends_operand(self, position: int) -> bool:
        if position < 0:
            return False
        before = self._found[position]
        if before.kind == "word":
            ends = before.lower not in _KEYWORDS or before.lower in ("anchored", "smoothed")
            return ends or before.place in self.tables.selectors[-1:]
        return before.kind in ("number", "text") or before.text in (")", "]", "}")

    def _follows_name(self) -> bool:
        before = self._found[self._position - 1] if self._position else None
        return before is not None and before.kind == "word" and before.lower not in _KEYWORDS

    def _text_at(self, position: int) -> str:
        return self._found[position].text if position < len(self._found) else ""


def _signed_value(node: Node, place: int) -> float:
    match node:
        case Number(value=value) if abs(value) < 9.2e15:
            return value
        case Negation(expr=expr):
            return -_signed_value(expr, place)
    raise QueryProblem("bad_data", "timestamp out of bounds for @ modifier", place)
