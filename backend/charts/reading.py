"""Reads one JSON object field by field and remembers everything that is wrong with it, each problem under its dotted path."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from backend.errors import FieldProblem, InvalidRequest

LONGEST_TEXT = 200
_JOINERS = "\u200c\u200d"  # zero-width (non-)joiner: names in Persian and emoji need them
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")


class Reader:
    """One object of a request; a field that is wrong reads as None and is remembered."""

    def __init__(self, body: Any, fields: Collection[str]) -> None:
        if not isinstance(body, Mapping):
            raise InvalidRequest.of("body", "wrong_type", "must be a JSON object")
        self._body = body
        self.problems: list[FieldProblem] = []
        for key in body:
            if key not in fields:
                self.wrong(_shown(key), "unknown_field", "this field does not exist")

    def has(self, field: str) -> bool:
        return field in self._body

    def value(self, field: str) -> Any:
        """The field as it came, or None."""
        return self._body.get(field)

    def wrong(self, field: str, code: str, detail: str) -> None:
        self.problems.append(FieldProblem(field, code, detail))

    def settle(self) -> None:
        """Raise InvalidRequest if anything was wrong."""
        if self.problems:
            raise InvalidRequest(*self.problems)

    def string(self, field: str, *, required: bool = False) -> str | None:
        """The characters of a field as they came."""
        if field not in self._body:
            if required:
                self.wrong(field, "required", "is required")
            return None
        value = self._body[field]
        if isinstance(value, str):
            return value
        self.wrong(field, "wrong_type", "must be a text")
        return None

    def text(self, field: str) -> str | None:
        """A short text that people will see, in NFC."""
        text = self.string(field)
        problem = None if text is None else text_problem(text)
        if problem:
            self.wrong(field, *problem)
        return None if text is None or problem else unicodedata.normalize("NFC", text)

    def choice(self, field: str, choices: type[_E], default: _E | None) -> _E | None:
        """One of an enumeration; ``default`` where the field is left out."""
        if field not in self._body:
            return default
        value = self._body[field]
        if isinstance(value, str) and value in choices.__members__.values():
            return choices(value)
        self.wrong(field, "not_a_choice", f"must be one of {', '.join(choices)}")
        return None

    def choices(self, field: str, choices: type[_E], default: tuple[_E, ...], *, least: int = 1) -> tuple[_E, ...]:
        """Some of an enumeration in the enumeration's order, none twice, at least ``least`` (0 or 1)."""
        if field not in self._body:
            return default
        value = self._body[field]
        known = choices.__members__.values()
        if not isinstance(value, list) or len(value) < least:
            self.wrong(field, "wrong_type", "must be a list" + (" with at least one entry" if least else ""))
        elif not all(isinstance(each, str) and each in known for each in value):
            self.wrong(field, "not_a_choice", f"may hold only {', '.join(choices)}")
        elif len(set(value)) != len(value):
            self.wrong(field, "repeated", "must not name anything twice")
        else:
            return tuple(each for each in choices if each in value)
        return default

    def texts(self, field: str, most: int) -> tuple[str, ...]:
        """A list of short texts, none twice, at most ``most``; each problem names its place in the list."""
        value = self._body.get(field, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            self.wrong(field, "wrong_type", "must be a list of texts")
        elif len(value) > most:
            self.wrong(field, "too_long", f"must have at most {most} entries")
        elif len(set(value)) != len(value):
            self.wrong(field, "repeated", "must not name anything twice")
        else:
            found = [(f"{field}.{index}", text_problem(text)) for index, text in enumerate(value)]
            for place, problem in found:
                if problem:
                    self.wrong(place, *problem)
            return () if any(problem for _, problem in found) else tuple(value)
        return ()

    def numbers(self, field: str, names: type[_E], low: float, high: float, unit: str = "degrees") -> tuple[tuple[_E, float], ...]:
        """An object of numbers by names of an enumeration, in the enumeration's order."""
        if field not in self._body:
            return ()

        def parse(value: Any) -> tuple[tuple[_E, float], ...]:
            inner = Reader(value, names.__members__.values())
            found = [(name, inner.number(name, low, high, unit=unit)) for name in names if inner.has(name)]
            inner.settle()
            return tuple((name, number) for name, number in found if number is not None)

        return self.part(field, parse) or ()

    def number(self, field: str, low: float, high: float, *, default: float | None = None, unit: str = "degrees") -> float | None:
        """A number from ``low`` to ``high``, both included; never -0.0."""
        if field not in self._body:
            return default
        value = self._body[field]
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, "wrong_type", f"must be a number of {unit}")
        elif not low <= value <= high:  # also true of NaN
            self.wrong(field, "out_of_range", f"must lie between {low:g} and {high:g} {unit}")
        else:
            return float(value) + 0.0
        return None

    def flag(self, field: str, *, default: bool) -> bool:
        if field not in self._body:
            return default
        value = self._body[field]
        if not isinstance(value, bool):
            self.wrong(field, "wrong_type", "must be true or false")
        return value is True

    def part(self, field: str, parse: Callable[[Any], _T], *, required: bool = True) -> _T | None:
        """An object within this one, read by its own reader; its problems carry this field's name in front."""
        if field not in self._body:
            if required:
                self.wrong(field, "required", "is required")
            return None
        return self.within(field, self._body[field], parse)

    def within(self, place: str, value: Any, parse: Callable[[Any], _T]) -> _T | None:
        """A value somewhere in this object, read by its own reader; its problems carry ``place`` in front."""
        try:
            return parse(value)
        except InvalidRequest as error:
            for problem in error.problems:
                inner = place if problem.field == "body" else f"{place}.{problem.field}"
                self.wrong(inner, problem.code, problem.detail)
        return None


def text_problem(text: str) -> tuple[str, str] | None:
    """Code and sentence of what is wrong with a short text that people will see; None if nothing."""
    if len(text) > LONGEST_TEXT or len(unicodedata.normalize("NFC", text)) > LONGEST_TEXT:
        return "too_long", f"must have at most {LONGEST_TEXT} characters"
    if not text.strip():
        return "blank", "must not be blank"
    if any(_refused(character) for character in text):
        return "bad_character", "must not contain control, direction or invisible characters"
    return None


def _refused(character: str) -> bool:
    if character in _JOINERS:
        return False
    point = ord(character)
    nonentity = 0xFDD0 <= point <= 0xFDEF or point & 0xFFFE == 0xFFFE
    return nonentity or unicodedata.category(character) in _REFUSED_CATEGORIES


def _shown(key: object) -> str:
    """An unknown field's name, harmless enough to be named in an answer."""
    text = str(key)[:64]
    return text if re.fullmatch(r"[A-Za-z0-9_.-]+", text) else "body"
