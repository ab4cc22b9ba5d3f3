"""Criteria in LogQL, Loki's language: one pipeline that finds the lines, and one that counts them. Pure."""

from __future__ import annotations

import json
import re

from backend.monitoring.logs.record import Criteria
from backend.monitoring.logs.words import MOST_ASKED, id_in

_ASKED = re.compile(r"((?<!\S)-)?([^\W_]+)(\*?)")
BACKSLASH = "\\"
_EDGE = r"(^|[^\p{L}\p{N}])"
_END = r"([^\p{L}\p{N}]|$)"
_LABELS = ("request_id", "trace_id", "route", "role")


def pipeline(selector: str, criteria: Criteria) -> str:
    """What finds the lines. Words are matched as our own store does: whole, in any case, letters and digits in a row."""
    stages = [selector, *_texts(criteria), "| json", '| event!=""', *_labels(criteria)]
    return " ".join(stages)


def counting(selector: str, criteria: Criteria, seconds: int) -> str:
    """Lines by level, each ``seconds`` looking that far back."""
    return f"sum by (level) (count_over_time({pipeline(selector, criteria)} [{seconds}s]))"


def _texts(criteria: Criteria) -> list[str]:
    if id_in(criteria):
        return [f"|= {quoted(criteria.text.casefold())}"]
    asked = _ASKED.findall(criteria.text)[:MOST_ASKED]
    return [f"{'!~' if sign else '|~'} {quoted(_word(word, bool(star)))}" for sign, word, star in asked]


def _word(word: str, starts: bool) -> str:
    return f"(?i){_EDGE}{word if word.isascii() else _written(word)}{'' if starts else _END}"


def _written(word: str) -> str:
    """Our lines are ASCII: other letters stand in them as JSON writes them, and whoever ships lines may have put them back."""
    forms = dict.fromkeys((word.lower(), word.title(), word.upper()))
    return f"(?:{'|'.join([word, *(json.dumps(form)[1:-1].replace(BACKSLASH, BACKSLASH * 2) for form in forms)])})"


def _labels(criteria: Criteria) -> list[str]:
    equal = [f"| {name}={quoted(value)}" for name in _LABELS if (value := getattr(criteria, name))]
    if criteria.instance:
        equal.append(f"| instance=~{quoted('.*' + _literal(criteria.instance[-8:]))}")
    if criteria.levels:
        equal.append(f"| level=~{quoted('|'.join(criteria.levels))}")
    return equal


def _literal(text: str) -> str:
    """For RE2, which has no other way to say that a sign means itself."""
    return "".join(sign if sign.isalnum() else f"\\x{{{ord(sign):x}}}" for sign in text)


def quoted(text: str) -> str:
    """A string as Loki reads it: Go's double quotes, which take JSON's escapes of ASCII."""
    return json.dumps(text, ensure_ascii=True) if text.isascii() else json.dumps(text, ensure_ascii=False)
