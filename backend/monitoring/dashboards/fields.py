"""Reads data field by field; a fault names the field by its whole path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from backend.errors import InvalidRequest

T = TypeVar("T")
_REQUIRED: Any = object()


class Fields:
    """The members of one object, each of which is asked for once; what nobody asked for is a fault."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise fault(path, "this must be an object with named members")
        self._value: dict[str, Any] = value
        self._path = path
        self._asked: set[str] = set()

    def text(self, name: str, default: Any = _REQUIRED, *, form: str = "", longest: int = 2000) -> str:
        """Text, trimmed; ``form`` is a pattern that it must match whole."""
        value = self._member(name, default)
        if not isinstance(value, str) or (default is _REQUIRED and not value.strip()):
            raise fault(self.path(name), "this must be text")
        if len(value) > longest:
            raise fault(self.path(name), f"this is longer than {longest} characters")
        if form and value != default and not re.fullmatch(form, value):
            raise fault(self.path(name), f"this must match {form}")
        return value.strip()

    def number(self, name: str, default: Any = _REQUIRED) -> Any:
        value = self._member(name, default)
        if value is default and default is not _REQUIRED:
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
            raise fault(self.path(name), "this must be a number")
        return float(value)

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        value = self._member(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise fault(self.path(name), f"this must be a whole number from {low} to {high}")
        return value

    def truth(self, name: str, default: bool) -> bool:
        value = self._member(name, default)
        if not isinstance(value, bool):
            raise fault(self.path(name), "this must be true or false")
        return value

    def choice(self, name: str, options: Sequence[str], default: Any = _REQUIRED) -> Any:
        value = self._member(name, default)
        if value not in options and (default is _REQUIRED or value != default):
            raise fault(self.path(name), f"this must be one of {', '.join(options)}")
        return value

    def each(self, name: str, read: Callable[[Fields], T], *, least: int = 0) -> tuple[T, ...]:
        """A list of objects."""
        value = self._member(name, [])
        if not isinstance(value, list) or len(value) < least:
            raise fault(self.path(name), f"this must be a list of at least {least} objects" if least else "this must be a list of objects")
        return tuple(_whole(read, one, f"{self.path(name)}[{place}]") for place, one in enumerate(value))

    def inner(self, name: str, read: Callable[[Fields], T]) -> T | None:
        """An object; None where there is none."""
        value = self._member(name, None)
        return None if value is None else _whole(read, value, self.path(name))

    def members(self, name: str) -> Iterator[tuple[str, Any, str]]:
        """The members of an object with names of its own: name, value, path."""
        value = self._member(name, {})
        if not isinstance(value, dict):
            raise fault(self.path(name), "this must be an object with named members")
        for key, item in value.items():
            yield str(key), item, f"{self.path(name)}.{key}"

    def finish(self) -> None:
        """Refuse what was given and never asked for."""
        for name in self._value:
            if name not in self._asked:
                raise fault(self.path(name), "there is no such field here")

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _member(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        value = self._value.get(name, default)
        if value is _REQUIRED:
            raise fault(self.path(name), "this is missing")
        return value


def read_object(read: Callable[[Fields], T], value: Any) -> T:
    """A whole document; InvalidRequest names the field."""
    return _whole(read, value, "")


def fault(path: str, detail: str) -> InvalidRequest:
    return InvalidRequest.of(path or "document", "invalid", detail)


def _whole(read: Callable[[Fields], T], value: Any, path: str) -> T:
    fields = Fields(value, path)
    found = read(fields)
    fields.finish()
    return found
