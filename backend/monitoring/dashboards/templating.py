"""Variables in queries, written as Grafana has them: ``$route`` inside a regular expression, ``$__rate_interval`` as a duration. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

SCRAPES = 4
_NAME = re.compile(r"\$([a-zA-Z_][a-zA-Z0-9_]*)")
_MEANT = re.compile(r"([\\.+*?()|\[\]{}^$])")
_LONGEST_VALUE, _MOST_VALUES = 200, 50


def names_in(text: str) -> set[str]:
    """The variables that stand in it, without those that every query may use."""
    return {name for name in _NAME.findall(text) if name not in {"__rate_interval", "__interval"}}


def filled(expr: str, chosen: Mapping[str, Sequence[str]], step_seconds: float, scrape_seconds: float) -> str:
    """The query to ask. A variable of which nothing is chosen stands for all its values."""
    rate = max(SCRAPES * scrape_seconds, step_seconds + scrape_seconds)
    known = {"__rate_interval": duration(rate), "__interval": duration(step_seconds)}
    return _NAME.sub(lambda found: known.get(found[1]) or either(chosen.get(found[1], ())), expr)


def either(values: Sequence[str]) -> str:
    """A regular expression, inside the quotes of a matcher, for one of these; for anything when there are none."""
    if not values:
        return ".*"
    return "|".join(_quoted(_MEANT.sub(r"\\\1", value)) for value in values)


def fit(values: Sequence[str]) -> tuple[str, ...]:
    """Values from an address, as far as they can be meant."""
    return tuple(dict.fromkeys(value for value in values if value and len(value) <= _LONGEST_VALUE and value.isprintable()))[:_MOST_VALUES]


def duration(seconds: float) -> str:
    """'90s', '250ms': as the query language reads it."""
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
