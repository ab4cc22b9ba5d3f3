"""Labels of a series, and what matches them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import re2

NAME = "__name__"
_SIMPLE_LENGTH = 256
_SPECIAL = frozenset(".^$*+?()[]{}\\")
Labels = tuple[tuple[str, str], ...]  # by name, ascending; no empty value; the metric's name is the label __name__


def quiet() -> re2.Options:
    """A wrong expression is the asker's fault, told by an error and not by a line on stderr."""
    options = re2.Options()
    options.log_errors = False
    return options


def labels_of(values: dict[str, str]) -> Labels:
    """Empty values are the same as no label."""
    return tuple(sorted((name, value) for name, value in values.items() if value))


class Match(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True)
class Matcher:
    """One condition on one label; a missing label has the value ''. Expressions are RE2's and anchored at both ends."""

    name: str
    match: Match
    value: str

    def matches(self, value: str) -> bool:
        return self._holds(value)

    @cached_property
    def _holds(self) -> Callable[[str], bool]:
        wanted = self.value
        if self.match is Match.EQUAL:
            return lambda value: value == wanted
        if self.match is Match.NOT_EQUAL:
            return lambda value: value != wanted
        positive = self.match is Match.REGEX
        if not _SPECIAL.intersection(wanted):
            words = frozenset(wanted.split("|"))
            return lambda value: (value in words) is positive
        pattern = re2.compile(f"(?s:{wanted})", quiet())
        if len(wanted) > _SIMPLE_LENGTH or "{" in wanted or "\\p" in wanted.lower():
            return lambda value: (pattern.fullmatch(value) is not None) is positive
        whole = re2.Set.FullMatchSet(quiet())  # a third of fullmatch's time; of a very large pattern it could not be sure
        whole.Add(f"(?s:{wanted})")
        whole.Compile()
        return lambda value: bool(whole.Match(value)) is positive
