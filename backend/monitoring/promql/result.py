"""What a query answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.monitoring.promql.labels import Labels
from backend.monitoring.promql.samples import Times, Values

Kind = Literal["vector", "matrix", "scalar", "string"]


@dataclass(frozen=True)
class Curve:
    """One series of an answer: as many values as times (one in a vector or scalar)."""

    labels: Labels
    times: Times
    values: Values


@dataclass(frozen=True)
class QueryResult:
    """An answer in the words of Prometheus's HTTP API. ``curves`` is empty for a string, whose words are in ``text``.

    ``samples`` counts what was read to answer it (None: the server does not say); ``warnings`` and ``infos`` are for people.
    """

    kind: Kind
    curves: tuple[Curve, ...] = ()
    text: str = ""
    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()
    samples: int | None = None
