"""Query strings, read strictly: no unknown field, none twice."""

from __future__ import annotations

import re

from starlette.requests import Request

from backend.errors import FieldProblem, InvalidRequest

MOST_FIELDS = 20
_WHOLE = re.compile(r"[0-9]{1,4}")


def read_query(request: Request, allowed: frozenset[str]) -> dict[str, str]:
    """The query's fields; InvalidRequest names each that is unknown or repeated."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    problems = [
        FieldProblem(name, "unknown_field", "there is no such query field here") for name in dict.fromkeys(names) if name not in allowed
    ]
    problems += [FieldProblem(name, "repeated_field", "it stands more than once") for name in sorted(allowed) if names.count(name) > 1]
    if problems:
        raise InvalidRequest(*problems[:MOST_FIELDS])
    return dict(pairs)


def whole(query: dict[str, str], name: str, least: int, most: int, default: int) -> int:
    """A whole number within bounds."""
    text = query.get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text) or not least <= int(text) <= most:
        raise InvalidRequest.of(name, "out_of_range", f"it has to be a whole number from {least} to {most}")
    return int(text)


def line(query: dict[str, str], name: str, longest: int) -> str:
    """One line of text, without control characters, not blank."""
    text = query.get(name, "").strip()
    if not text:
        raise InvalidRequest.of(name, "missing", "it is needed")
    if len(text) > longest:
        raise InvalidRequest.of(name, "too_long", f"it has to have at most {longest} characters")
    if not text.isprintable():
        raise InvalidRequest.of(name, "bad_character", "it holds a character that is not printable")
    return text
