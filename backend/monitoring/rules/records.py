"""Rules and their groups, as their files say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DEFAULT_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True)
class RecordingRule:
    """``expr`` is evaluated, and what it answers is kept as the series ``record`` with ``labels`` put on it."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.record


@dataclass(frozen=True)
class AlertRule:
    """Each series that ``expr`` answers for ``for_seconds`` is an alert, and stays one for ``keep_firing_seconds`` after it ended."""

    alert: str
    expr: str
    for_seconds: float = 0.0
    keep_firing_seconds: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.alert


Rule = RecordingRule | AlertRule


@dataclass(frozen=True)
class RuleGroup:
    """Rules that are evaluated one after the other each ``interval_seconds``, at the same instant; ``limit`` 0 is none.

    ``offset_seconds``: how far back from now that instant is, for samples that come late. ``labels`` are put on every rule's.
    """

    name: str
    file: str
    rules: tuple[Rule, ...]
    interval_seconds: float = DEFAULT_INTERVAL_SECONDS
    limit: int = 0
    offset_seconds: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same after a restart."""
        return f"{self.file};{self.name}"
