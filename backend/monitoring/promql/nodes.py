"""A query as a tree of our own, whichever library read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from backend.monitoring.promql.labels import Labels, Matcher

Place = int | None  # offset of a part's first character in the query, where it is known
Cardinality = Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]
Flavour = Literal["", "anchored", "smoothed"]  # how a selector treats the edges of its range


@dataclass(frozen=True)
class Number:
    """A scalar that stands in the text; durations are seconds."""

    value: float
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Text:
    value: str
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class At:
    """The ``@`` modifier: ``seconds`` since 1970, or the start or end of the query."""

    point: Literal["start", "end", "time"]
    seconds: float = 0.0


@dataclass(frozen=True)
class Selector:
    """``name{…} offset … @ …``: what an instant vector, or with ``range`` a range vector, is read from.

    ``offset`` and ``range`` are scalars in seconds that know nothing but the query's own step and length.
    """

    matchers: tuple[Matcher, ...]
    offset: Node | None = None
    at: At | None = None
    range: Node | None = None
    flavour: Flavour = ""
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Subquery:
    """``expr[range:step]``; without ``step`` it is the engine's own."""

    expr: Node
    range: Node
    step: Node | None = None
    offset: Node | None = None
    at: At | None = None
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple[Node, ...] = ()
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Aggregate:
    """``operator by (labels) (expr)``; ``without`` turns the labels round; ``parameter`` is k, phi, ratio or the label's name."""

    operator: str
    expr: Node
    parameter: Node | None = None
    labels: tuple[str, ...] = ()
    without: bool = False
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Negation:
    expr: Node
    place: Place = field(default=None, compare=False)


@dataclass(frozen=True)
class Matching:
    """Which series of two vectors belong together: equal in ``labels`` (``on``), or in all but them.

    ``include``: labels the many take over from the one. ``fill_left``, ``fill_right``: the value that stands in for a missing side.
    """

    cardinality: Cardinality = "one-to-one"
    on: bool = False
    labels: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    fill_left: float | None = None
    fill_right: float | None = None


@dataclass(frozen=True)
class Binary:
    operator: str
    left: Node
    right: Node
    as_bool: bool = False
    matching: Matching = Matching()
    place: Place = field(default=None, compare=False)


Node = Number | Text | Selector | Subquery | Call | Aggregate | Negation | Binary
SCALAR_FUNCTIONS = frozenset({"time", "scalar", "pi", "step", "range", "start", "end", "min_of", "max_of"})


def type_of(node: Node) -> Literal["scalar", "string", "vector", "matrix"]:
    """What a node evaluates to."""
    match node:
        case Number():
            return "scalar"
        case Text():
            return "string"
        case Subquery():
            return "matrix"
        case Selector(range=length):
            return "vector" if length is None else "matrix"
    return "scalar" if _is_scalar(node) else "vector"


def _is_scalar(node: Call | Aggregate | Negation | Binary) -> bool:
    match node:
        case Call(name=name):
            return name in SCALAR_FUNCTIONS
        case Negation(expr=expr):
            return type_of(expr) == "scalar"
        case Binary(left=left, right=right):
            return type_of(left) == type_of(right) == "scalar"
    return False


_OF_THE_MOMENT = frozenset({"time", "timestamp", "predict_linear", "vector"}) | frozenset(
    {"day_of_month", "day_of_week", "day_of_year", "days_in_month", "hour", "minute", "month", "year"}
)


def children(node: Node) -> tuple[Node, ...]:
    """The expressions a node is made of; a selector has none."""
    match node:
        case Subquery(expr=expr) | Negation(expr=expr):
            return (expr,)
        case Aggregate(expr=expr, parameter=parameter):
            return (expr,) if parameter is None else (parameter, expr)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(arguments=arguments):
            return arguments
    return ()


def is_constant(node: Node) -> bool:
    """Whether the answer is the same at every step, as all that is selected is pinned by ``@``."""
    match node:
        case Selector(at=at) | Subquery(at=at):
            return at is not None
        case Call(name=name) if name in _OF_THE_MOMENT:
            return False
    return all(is_constant(child) for child in children(node))


def named(labels: Labels) -> str:
    """A series as it is written, ``{a="b"}``, with the name as a label."""
    return "{" + ", ".join(f'{name}="{value}"' for name, value in labels) + "}"
