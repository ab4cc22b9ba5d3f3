"""The port by which pages and rules read metrics, whichever server keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.answer import Reading
from backend.monitoring.promql.result import QueryResult


@dataclass(frozen=True)
class Exemplar:
    """One request that stands for a sample."""

    labels: dict[str, str]
    series: dict[str, str]
    value: float
    at: datetime


@dataclass(frozen=True)
class ServerInfo:
    """Which server answers: ``kind`` 'embedded' or 'prometheus'."""

    kind: str
    version: str
    url: str


class MetricsSource(Protocol):
    """Each question has a deadline of its own, counts at its circuit, and is answered Fresh, Stale, Empty or Failed.

    QueryProblem is raised for a query that is wrong or too dear, as that is the asker's to mend; Failed is the source's fault.
    """

    def instant(self, query: str, at: datetime | None = None) -> Reading[QueryResult]: ...

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Reading[QueryResult]:
        """Start and end are aligned to whole steps, and the step grows until there are at most 11,000 points."""
        ...

    def label_names(self, matching: Sequence[str] = ()) -> Reading[list[str]]: ...

    def label_values(self, label: str, matching: Sequence[str] = ()) -> Reading[list[str]]: ...

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Reading[list[dict[str, str]]]: ...

    def metadata(self) -> Reading[dict[str, tuple[str, str]]]:
        """Type and help by the metric's name."""
        ...

    def exemplars(self, query: str, start: datetime, end: datetime) -> Reading[list[Exemplar]]: ...

    def server(self) -> Reading[ServerInfo]: ...
