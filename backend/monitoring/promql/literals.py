"""Numbers, durations and strings as a query writes them."""

from __future__ import annotations

import math
import re

from backend.errors import QueryProblem
from backend.monitoring.promql.scanning import Token

_PARTS = re.compile(r"([0-9]+)(ms|[smhdwy])")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
_ORDER = list(reversed(_UNITS))
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)|\\", re.DOTALL)
_SIMPLE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"\\": b"\\", b'"': b'"', b"'": b"'"}


def number_of(token: Token) -> float:
    """The value of a number; a duration's is in seconds."""
    text = token.lower.replace("_", "")
    if text.startswith("0x"):
        return float(int(text, 16)) if len(text) < 200 else math.inf
    if text[-1] in "smhdwy":
        return _duration(token)
    if text.isdigit() and text.startswith("0") and set(text) <= set("01234567"):
        return float(int(text, 8))
    return float(text)


def _duration(token: Token) -> float:
    parts = _PARTS.findall(token.text)
    ranks = [_ORDER.index(unit) for _, unit in parts]
    if ranks != sorted(set(ranks)) or "".join(count + unit for count, unit in parts) != token.text:
        raise QueryProblem("bad_data", f'not a valid duration string: "{token.text}"', token.place)
    milliseconds = sum(int(count) * round(_UNITS[unit] * 1000) for count, unit in parts)
    if milliseconds > 2**63 // 1_000_000:
        raise QueryProblem("bad_data", "duration out of range", token.place)
    return milliseconds / 1000


def word_number(word: str) -> float | None:
    """Inf and NaN, which are spelt as words."""
    return {"inf": math.inf, "nan": math.nan}.get(word.lower())


def text_of(token: Token) -> str:
    """What a quoted string says; bytes that are no UTF-8 become lone surrogates. A wrong escape raises QueryProblem."""
    body = token.text[1:-1].encode("utf-8", "surrogateescape")
    if token.text[0] == "`":
        return body.decode("utf-8", "surrogateescape")

    def unescaped(match: re.Match[bytes]) -> bytes:
        code = match.group(1)
        if code in _SIMPLE and code != (b"'" if token.text[0] == '"' else b'"'):
            return _SIMPLE[code]
        if code is None or code[:1] not in b"xuU01234567" or len(code) == 1:
            raise QueryProblem("bad_data", "unknown escape sequence", token.place)
        return _coded(code, token)

    return _ESCAPE.sub(unescaped, body).decode("utf-8", "surrogateescape")


def _coded(code: bytes, token: Token) -> bytes:
    if code[:1] in b"uU":
        point = int(code[1:], 16)
        if point > 0x10FFFF or 0xD800 <= point < 0xE000:
            raise QueryProblem("bad_data", "escape sequence is an invalid Unicode code point", token.place)
        return chr(point).encode()
    value = int(code[1:], 16) if code[:1] == b"x" else int(code, 8)
    if value > 255:
        raise QueryProblem("bad_data", "octal escape value is above 255", token.place)
    return bytes([value])
