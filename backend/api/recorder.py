"""Keeps finished requests for the table of recent ones, off the request path: a bounded queue and one thread."""

from __future__ import annotations

import threading
from collections import deque

from backend.api.parts import Monitoring
from backend.errors import StorageUnavailable
from backend.monitoring.heartbeat import Repeater
from backend.monitoring.records import RequestRecord
from backend.telemetry.api_metrics import RECORDS_WAITING
from backend.telemetry.definitions import one
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
CAPACITY = 4096
FLUSH_SECONDS = 1.0
OPERATIONAL = frozenset({"/livez", "/readyz", "/metrics"})


class RequestRecorder:
    """``put`` never blocks; when the queue is full the oldest goes. A metric counts what is lost, a line tells it afterwards."""

    def __init__(self, monitoring: Monitoring, series: Series, capacity: int = CAPACITY) -> None:
        self._monitoring = monitoring
        self._series = series
        self._queue: deque[RequestRecord] = deque()
        self._capacity = capacity
        self._lost = 0
        self._lock = threading.Lock()
        self._repeater = Repeater("request-recorder", FLUSH_SECONDS, self.flush)
        for why in ("full", "sql_away"):
            series.records_dropped(why, 0)
        series.read(lambda: [one(RECORDS_WAITING, len(self._queue))])

    def start(self) -> None:
        self._repeater.start()

    def stop(self) -> None:
        self._repeater.stop()
        self._repeater.once()
        self._tell_lost()

    def put(self, record: RequestRecord) -> None:
        if record.route in OPERATIONAL and record.status < 400:
            return
        with self._lock:
            full = len(self._queue) >= self._capacity
            if full:
                self._queue.popleft()
            self._queue.append(record)
        if full:
            self._lose("full", 1)

    def flush(self) -> int:
        """Write what is queued; what the database does not take is dropped and counted."""
        with self._lock:
            batch = list(self._queue)
            self._queue.clear()
        if not batch:
            return 0
        try:
            self._monitoring.record_requests(batch)
        except StorageUnavailable:
            self._lose("sql_away", len(batch))
            raise
        self._tell_lost()
        return len(batch)

    def _lose(self, why: str, count: int) -> None:
        self._series.records_dropped(why, count)
        with self._lock:
            self._lost += count

    def _tell_lost(self) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            LOG.warning("request_records_lost", count=lost)
