"""What may come next in a PromQL expression: names, labels, values, functions, durations, each as the text it leads to. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.views.explorer_place import Place, What, metrics, place

SHOWN = 12
AGGREGATIONS = (
    "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile", "count_values", "limitk",
    "limit_ratio",
)  # fmt: skip
_DURATIONS = ("1m", "5m", "15m", "1h", "6h", "1d")
_OPERATORS = (" by (", " + ", " - ", " * ", " / ", " > ", " and ", " or ", " unless ", " offset 1h", " > bool 0")
_FIXED: dict[What, tuple[str, ...]] = {What.OPERATOR: _OPERATORS, What.MATCH: ("=", "!=", "=~", "!~"), What.NEXT: ("}", ", ")}
_REGEX = re.compile(r"([\\.+*?()|\[\]{}^$])")


@dataclass(frozen=True)
class Vocabulary:
    """What is known: metrics with type and help, functions, and the labels and values of what a selector selects."""

    metrics: Mapping[str, tuple[str, str]]
    functions: Sequence[str]
    labels: Callable[[str], Sequence[str]]
    values: Callable[[str, str], Sequence[str]]


@dataclass(frozen=True)
class Suggestion:
    """``shown`` on its button; ``text`` is the whole expression once it is taken."""

    shown: str
    text: str


@dataclass(frozen=True)
class Suggestions:
    """The best, and how many more there are."""

    what: What
    best: tuple[Suggestion, ...] = ()
    more: int = 0


def suggestions(text: str, known: Vocabulary) -> Suggestions:
    """What may follow at the end of ``text``."""
    here = place(text)
    found = [Suggestion(shown, text[: here.start] + written) for shown, written in _candidates(text, here, known)]
    return Suggestions(here.what, tuple(found[:SHOWN]), max(0, len(found) - SHOWN))


def about(text: str, known: Mapping[str, tuple[str, str]]) -> list[tuple[str, str, str]]:
    """Name, type and help of each metric that the expression names and that is known."""
    found = []
    for name in metrics(text):
        base = name if name in known else re.sub(r"_(bucket|count|sum|total)$", "", name)
        if base in known:
            found.append((name, *known[base]))
    return found


def _candidates(text: str, here: Place, known: Vocabulary) -> list[tuple[str, str]]:
    """What is shown and what takes the prefix's place."""
    names: list[str] = []
    match here.what:
        case What.EXPRESSION:
            return _expressions(here.prefix, known)
        case What.LABEL:
            return [(name, f"{name}=") for name in ranked(here.prefix, known.labels(here.selector))]
        case What.GROUPING:
            return _grouping(here.prefix, known.labels(here.selector))
        case What.VALUE:
            names = ranked(here.prefix, known.values(here.label, here.selector))
        case What.DURATION:
            names = [one for one in _DURATIONS if one.startswith(here.prefix)]
        case other:
            names = list(_FIXED.get(other, ()))
    return [(_shown(name, here), _written(name, here, text)) for name in names]


def _shown(name: str, here: Place) -> str:
    return name.strip() or '""' if here.what is not What.NEXT else name


def _written(name: str, here: Place, text: str) -> str:
    if here.what is What.VALUE:
        return quoted(name, here.match, here.quote or '"')
    if here.what is What.DURATION:
        return name + "]"
    return name.removeprefix(" ") if text.endswith(" ") else name


def _grouping(prefix: str, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Names of labels; one that is complete may end the list or go on with it."""
    follows = [(prefix + more, prefix + more) for more in (")", ", ")] if prefix in labels else []
    return [*follows, *((name, name) for name in ranked(prefix, labels) if name != prefix)]


def _expressions(prefix: str, known: Vocabulary) -> list[tuple[str, str]]:
    """Metrics before functions that begin alike; a name that is complete offers what follows it."""
    follows = [(f"{prefix}{more}", f"{prefix}{more}") for more in ("{", "[5m]")] if prefix in known.metrics else []
    functions = [(f"{name}(", f"{name}(") for name in ranked(prefix, (*AGGREGATIONS, *known.functions))] if prefix else []
    names = [(name, name) for name in ranked(prefix, known.metrics) if name != prefix]
    begins = [pair for pair in (*names, *functions) if pair[0].startswith(prefix)]
    return [*follows, *begins, *(pair for pair in (*names, *functions) if not pair[0].startswith(prefix))]


def ranked(prefix: str, names: Iterable[str]) -> list[str]:
    """Those that begin with the prefix, then those that have it somewhere, small and capital letters alike."""
    wanted = prefix.lower()
    found = sorted((name for name in set(names) if wanted in name.lower()), key=lambda name: (not name.lower().startswith(wanted), name))
    return [name for name in found if name != "__name__"]


def quoted(value: str, match: str = "=", quote: str = '"') -> str:
    """A label's value as PromQL writes it; for an expression match it means itself."""
    meant = _REGEX.sub(r"\\\1", value) if match in ("=~", "!~") else value
    if quote == "`":
        return f"`{meant}`"
    escaped = meant.replace("\\", "\\\\").replace("\n", "\\n").replace(quote, "\\" + quote)
    return f"{quote}{escaped}{quote}"


def selector(metric: str, chosen: Mapping[str, str]) -> str:
    """A metric with the labels that were chosen."""
    inside = ", ".join(f"{name}={quoted(value)}" for name, value in chosen.items())
    return f"{metric}{{{inside}}}" if inside else metric


def starting_point(metric: str, kind: str, chosen: Mapping[str, str]) -> str:
    """The question that a metric of this type is mostly asked: a counter for its rate, a histogram for its 95th percentile."""
    if kind == "histogram":
        base = metric.removesuffix("_bucket")
        return f"histogram_quantile(0.95, sum by (le) (rate({selector(base + '_bucket', chosen)}[5m])))"
    if kind == "counter":
        return f"sum(rate({selector(metric, chosen)}[5m]))"
    return selector(metric, chosen)
