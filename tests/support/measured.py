"""A source of metrics over real expositions: processes count, a store keeps, the engine answers; all in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from backend.answer import Empty, Failed, Fresh, Reading
from backend.monitoring.embedded.records import Exposition, Target
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.parsing import parse_selector
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.source import Exemplar, ServerInfo
from backend.telemetry.series import Series
from tests.support.clock import ManualClock

AWAY = "the metrics server did not answer in 10 s"


@dataclass
class Measured:
    """``scrape()`` reads every process that is there; while ``away`` no question is answered."""

    folder: Path
    clock: ManualClock
    processes: dict[tuple[str, str], Series] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    before: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.store = MetricsStore(self.folder / "metrics.db", self.clock)
        self.engine = Engine(self.store, Limits(), self.clock)

    def process(self, role: str, instance: str = "127.0.0.1:9101") -> Series:
        return self.processes.setdefault((role, instance), Series("0", role))

    def scrape(self, seconds: float = 5.0) -> None:
        """Time goes on, then each is read."""
        self.clock.advance(seconds)
        for (role, instance), series in self.processes.items():
            target = Target(labels_of({"job": role, "instance": instance}), f"http://{instance}/metrics")
            self.store.append_scrape(target, _ms(self.clock.now()), Exposition(series.exposition()), 0.01)

    def range(self, query: str, start: datetime, end: datetime, step_seconds: float) -> Reading[QueryResult]:
        step = round(step_seconds * 1000)
        return self._answer(lambda: self.engine.query_range(query, _ms(start) // step * step, _ms(end) // step * step, step))

    def instant(self, query: str, at: datetime | None = None) -> Reading[QueryResult]:
        return self._answer(lambda: self.engine.query(query, _ms(at or self.clock.now())))

    def label_names(self, matching: Sequence[str] = ()) -> Reading[list[str]]:
        return Empty(self.clock.now())

    def label_values(self, label: str, matching: Sequence[str] = ()) -> Reading[list[str]]:
        now = self.clock.now()
        selectors = [parse_selector(text) for text in matching]
        return Fresh(self.store.label_values(label, selectors, _ms(now - timedelta(hours=1)), _ms(now)), now, 0.0)

    def series(self, matching: Sequence[str], start: datetime, end: datetime) -> Reading[list[dict[str, str]]]:
        return Empty(self.clock.now())

    def metadata(self) -> Reading[dict[str, tuple[str, str]]]:
        return Empty(self.clock.now())

    def exemplars(self, query: str, start: datetime, end: datetime) -> Reading[list[Exemplar]]:
        return Empty(self.clock.now())

    def server(self) -> Reading[ServerInfo]:
        return Fresh(ServerInfo("embedded", "3.4.0", "http://127.0.0.1:9464"), self.clock.now(), 0.0)

    def _answer(self, ask: Callable[[], QueryResult]) -> Reading[QueryResult]:
        self.asked += 1
        self.before()
        now = self.clock.now()
        if self.away:
            return Failed("metrics", AWAY, now)
        result = ask()
        return Fresh(result, now, 0.001) if result.curves else Empty(now)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
