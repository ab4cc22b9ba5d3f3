"""How a command answers: plain lines for people, one JSON object for programs."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import Any

import orjson


def say(line: str) -> None:
    """One line for a person, at once. A terminal that was closed must not keep its supervisor from an orderly stop."""
    with suppress(OSError):
        print(line, flush=True)


def answer(value: object, words: str, *, json: bool) -> None:
    """The value as JSON, or the words."""
    print(orjson.dumps(plain(value), option=orjson.OPT_INDENT_2).decode() if json else words, flush=True)


def plain(value: Any) -> Any:
    """Dataclasses, enumerations and instants as what JSON has; secrets of a dataclass are for its own command to leave out."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
