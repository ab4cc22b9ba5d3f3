"""What a request means, as bytes: the same for every way to write it, different for every other meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import orjson

from backend.charts.engine.request import ChartRequest

_PLAIN = frozenset({str, int, bool, type(None)})


def canonical(request: Any) -> bytes:
    """The bytes of a parsed request. Each value carries its kind, so that two requests share them only when they are equal.

    A request is made of frozen dataclasses, named tuples, tuples, frozen sets, mappings, enumerations, texts, numbers, booleans and None.
    """
    return orjson.dumps(_tree(request))


def names_a_place(value: Any) -> bool:
    """Whether a place has to be looked up for it, in whatever depth: the answer then depends on more than the request and our versions."""
    if isinstance(value, ChartRequest):
        return value.place is not None
    kind = type(value)
    if is_dataclass(kind):
        return any(names_a_place(getattr(value, name)) for name in _names(kind))
    return isinstance(value, tuple) and any(map(names_a_place, value))


def _tree(value: Any) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is float:
        return value + 0.0  # -0.0 and 0.0 are one number
    if isinstance(value, Enum):
        return [kind.__name__, value.value]
    if is_dataclass(kind):
        return [kind.__name__, *[_tree(getattr(value, name)) for name in _names(kind)]]
    return _collection(kind, value)


def _collection(kind: type, value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return ["" if kind is tuple else kind.__name__, *map(_tree, value)]
    if isinstance(value, frozenset):
        return ["set", sorted(map(_tree, value), key=orjson.dumps)]
    if isinstance(value, Mapping):
        return ["map", sorted(([_tree(key), _tree(each)] for key, each in value.items()), key=orjson.dumps)]
    if isinstance(value, list):
        return ["list", *map(_tree, value)]
    raise TypeError(f"a request may not hold a {kind.__name__}")


@lru_cache(maxsize=256)
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
