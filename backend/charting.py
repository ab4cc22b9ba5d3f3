"""Charts, wired: the desk where they are asked for, what it keeps, and what looks after that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from backend.charts.caching.cache import AnswerCache
from backend.charts.caching.keys import Keys, code_digest
from backend.charts.caching.memory import Memory
from backend.charts.caching.popular import Popular
from backend.charts.caching.shared import SharedAnswers
from backend.charts.caching.upkeep import WRITTEN_EVERY_SECONDS, Upkeep
from backend.charts.caching.valkey_shelf import ValkeyShelf
from backend.charts.desk import ChartDesk
from backend.charts.technique import Workbench
from backend.charts.techniques import RESOURCES
from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.monitoring.heartbeat import Repeater
from backend.storage.absence import Absence
from backend.storage.shared import SharedState
from backend.telemetry.series import Series

PATIENCE_SECONDS = 0.05  # a chart is computed sooner than a slow store answers
UPKEEP_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class Charting:
    """The desk of one process, its upkeep and its connections to what all processes keep."""

    desk: ChartDesk
    cache: AnswerCache
    upkeep: Upkeep
    stores: tuple[SharedState, ...]
    absence: Absence
    repeater: Repeater
    stopped: threading.Event

    def start(self) -> None:
        """Look after what is kept, and make ready what is asked for most; neither is waited for."""
        self.repeater.start()
        threading.Thread(target=self.upkeep.warm, args=(self.stopped.is_set,), name="chart-warming", daemon=True).start()

    def stop(self) -> None:
        """Write what waits, and let go."""
        self.stopped.set()
        self.repeater.stop()
        self.repeater.once()
        self.cache.close()
        self.absence.close()
        for store in self.stores:
            store.close()


def build_charting(
    url: str, bench: Workbench, secret: str, clock: Clock, series: Series, finding: Callable[[], bool] = lambda: True
) -> Charting:
    """On that Valkey; the versions of all that answers depend on are read here. ``finding``: whether places are looked up as usual."""
    quick = SharedState(url, connect_timeout=PATIENCE_SECONDS, read_timeout=PATIENCE_SECONDS)
    store = SharedState(url, read_timeout=UPKEEP_PATIENCE_SECONDS)
    absence, shelf = Absence(lambda: _ask(quick)), ValkeyShelf(store, quick)
    keys = Keys(secret, versions(bench))
    memory, shared = Memory(), SharedAnswers(shelf, secret, absence)
    cache = AnswerCache(keys, memory, shared, clock, finding)
    desk = ChartDesk(RESOURCES, bench, cache, clock)
    series.kept_answers(memory.figures)
    upkeep = Upkeep(memory, shared, Popular(shelf, keys, secret, clock.now), clock, lambda wanted: desk.prepare(*wanted))
    return Charting(
        desk, cache, upkeep, (store, quick), absence, Repeater("chart-cache", WRITTEN_EVERY_SECONDS, upkeep.turn), threading.Event()
    )


def versions(bench: Workbench) -> list[str]:
    """Library, binding, mode, ephemeris files, time zones, and the code that makes the answers."""
    return [*map(str, bench.provenance("")[:-1]), code_digest()]


def _ask(store: SharedState) -> None:
    try:
        store.ping()
    except StorageUnavailable:
        raise StorageUnavailable("valkey", late=True) from None
