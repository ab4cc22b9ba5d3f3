"""JSON read strictly: what two parsers could read in two ways is refused (repeated keys, NaN, lone surrogates, a byte-order mark)."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any

from backend.api.problems import RequestRefused

DEEPEST = 16
LONGEST_NUMBER = 40
_BRACKET_OR_TEXT = re.compile(rb'[\[\]{}]|"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: linear whatever is sent
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse(data: bytes) -> dict[str, Any]:
    """The one JSON object in ``data``; RequestRefused says what is wrong, without quoting it."""
    _refuse_depth(data)
    try:
        value = json.loads(_text(data), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_whole, parse_float=_fraction)
    except json.JSONDecodeError as error:
        raise _refused(f"the body is not JSON: it breaks at character {error.pos}") from None
    except RecursionError:
        raise _refused(f"the body is nested deeper than {DEEPEST} levels") from None
    if not isinstance(value, dict):
        raise _refused("the body has to be a JSON object")
    return value


def _text(data: bytes) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _refused("the body begins with a byte-order mark")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(f"the body is not UTF-8 at byte {error.start}") from None


def _refuse_depth(data: bytes) -> None:
    """Count brackets before parsing; the parser would use the stack of this thread for them."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return
    depth = 0
    for token in _BRACKET_OR_TEXT.finditer(data):
        byte = data[token.start()]
        depth += (byte in b"[{") - (byte in b"]}")
        if depth > DEEPEST:
            raise _refused(f"the body is nested deeper than {DEEPEST} levels")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _refused("an object holds the same key twice")
    for key, value in pairs:
        _refuse_surrogates(key)
        _check(value)
    return found


def _check(value: Any) -> None:
    if isinstance(value, str):
        _refuse_surrogates(value)
    elif isinstance(value, list):
        for item in value:
            _check(item)


def _refuse_surrogates(text: str) -> None:
    if not text.isascii() and _SURROGATE.search(text):
        raise _refused("a text holds half of a surrogate pair, which is no character")


def _refuse_constant(_name: str) -> Any:
    raise _refused("NaN and Infinity are not JSON")


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise _refused(f"a number has more than {LONGEST_NUMBER} characters")
    return int(text)


def _fraction(text: str) -> float:
    if len(text) > LONGEST_NUMBER:
        raise _refused(f"a number has more than {LONGEST_NUMBER} characters")
    value = float(text)
    if not isfinite(value):
        raise _refused("a number is too large")
    return value


def _refused(detail: str) -> RequestRefused:
    return RequestRefused("malformed_json", detail)
