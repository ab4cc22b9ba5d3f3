"""What a metric is said to be: one definition each, read by the code that counts, by the page of all metrics and by tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]
MOST_CHILDREN = 500
OTHER = "__other__"


@dataclass(frozen=True)
class Metric:
    """One metric. ``name`` is the one queries use (of a histogram, without ``_bucket``); ``labels``: what each may be, in words.

    ``unit`` is what one counts or measures, never a multiple of it. ``bounds``: of a histogram's buckets, in that unit.
    """

    name: str
    kind: Kind
    unit: str
    help: str
    labels: Mapping[str, str] = field(default_factory=dict)
    bounds: tuple[float, ...] = ()

    @property
    def family(self) -> str:
        """The name without a counter's ending, as an exposition's head has it."""
        return self.name.removesuffix("_total") if self.kind == "counter" else self.name


class Spread(NamedTuple):
    """Observations of a histogram: how many in each bucket (one more than bounds, for what lies beyond), and their sum."""

    counts: Sequence[int]
    total: float


class Row(NamedTuple):
    """One series at one instant: the labels' values in the definition's order, and the value."""

    labels: tuple[str, ...]
    value: float | Spread


class Reading(NamedTuple):
    """A metric as it stands now, read where it is kept anyway."""

    metric: Metric
    rows: Sequence[Row]
    bounds: Sequence[float] = ()  # of a histogram whose buckets its keeper chose


def one(metric: Metric, value: float | Spread) -> Reading:
    """A metric without labels."""
    return Reading(metric, (Row((), value),))
