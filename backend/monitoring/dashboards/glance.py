"""The service at a glance: the newest values of its dashboard and their last quarter of an hour, cheap enough for every look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Lock

from backend.actor import Actor, Permission
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.clock import Clock
from backend.errors import ServiceError, StorageUnavailable
from backend.monitoring.dashboards.record import Dashboard
from backend.monitoring.dashboards.templating import filled
from backend.monitoring.promql.result import Curve, QueryResult
from backend.monitoring.records import Instance, Summary
from backend.monitoring.source import MetricsSource
from backend.resilience import deadline

PANELS = {"requests_per_second": "requests", "error_ratio": "errors", "p95_seconds": "latency", "degraded_ratio": "degraded"}
LAST_SCRAPE = 'max(timestamp(up{job="api"}))'
SPAN, POINTS, HEADLINE_SECONDS = timedelta(minutes=15), 30, 60.0
FRESH = timedelta(seconds=15)
REMEMBERED_SECONDS = 5.0
SHOWN_SECONDS = 15.0  # so long figures are shown while newer ones are asked for: nobody waits for them
FIRST_LOOK_SECONDS = 0.5  # whoever looks waits so long for new figures; then the old ones have to do
QUESTION_SECONDS = 5.0
NOT_YET = "the metrics server has not answered yet"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Glance:
    """Asked at most once in five seconds, by one thread for all who look; what was read lately is shown meanwhile. ``close()`` it."""

    def __init__(
        self,
        board: Dashboard,
        source: MetricsSource,
        instances: Callable[[], Sequence[Instance]],
        clock: Clock,
        scrape_seconds: float,
        *,
        patience_seconds: float = FIRST_LOOK_SECONDS,
    ) -> None:
        self._queries = {name: _query(board, panel, scrape_seconds) for name, panel in PANELS.items()}
        self._source = source
        self._instances = instances
        self._clock = clock
        self._step = scrape_seconds
        self._patience = patience_seconds
        self._late = max(FRESH, timedelta(seconds=3 * scrape_seconds))
        self._pool = ThreadPoolExecutor(1, "glance")
        self._askers = ThreadPoolExecutor(1 + len(self._queries), "glance-questions")
        self._lock = Lock()
        self._asking: Future[Reading[Summary]] | None = None
        self._known: tuple[float, Reading[Summary]] | None = None

    def summary(self, actor: Actor) -> Reading[Summary]:
        """Stale when nobody read the figures lately; its figures are then those of the last reading."""
        actor.require(Permission.VIEW_OPERATIONS)
        with self._lock:
            if self._known is not None and self._clock.monotonic() - self._known[0] < REMEMBERED_SECONDS:
                return self._known[1]
            if self._asking is None or self._asking.done():
                self._asking = self._pool.submit(self._look)
            if self._known is not None and self._clock.monotonic() - self._known[0] < SHOWN_SECONDS:
                return self._known[1]
            asking = self._asking
        try:
            return asking.result(self._patience)
        except TimeoutError:
            return self._before()

    def close(self) -> None:
        for pool in (self._pool, self._askers):
            pool.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> Reading[Summary]:
        found = self._read()
        with self._lock:
            self._known = (self._clock.monotonic(), found)
        return found

    def _before(self) -> Reading[Summary]:
        """What was known before the question that is under way; old after a while."""
        now = self._clock.now()
        with self._lock:
            known = self._known[1] if self._known else None
        match known:
            case Fresh(value=summary) if now - summary.at > self._late:
                return Stale(summary, summary.at, NOT_YET)
            case None:
                return Failed("metrics", NOT_YET, now)
        return known

    def _read(self) -> Reading[Summary]:
        begun, now = self._clock.monotonic(), self._clock.now()
        try:
            scraped, asked = self._ask(now)
            if isinstance(scraped, Failed | Empty):
                return scraped
            processes = sum(1 for instance in self._instances() if instance.role == "api")
        except StorageUnavailable as error:
            return Failed(error.store, error.detail, now)
        except ServiceError as error:
            return Failed("metrics", error.detail, now)
        for reading in asked.values():
            if isinstance(reading, Failed):
                return reading
        last = _instant_of(scraped.value) or now
        summary = _summary({name: _curve(reading) for name, reading in asked.items()}, last, now, processes, self._step)
        return self._as_read([scraped, *asked.values()], summary, now, self._clock.monotonic() - begun)

    def _ask(self, now: datetime) -> tuple[Reading[QueryResult], dict[str, Reading[QueryResult]]]:
        """When figures were last read, and each of them: all at once, so that a slow server is waited for once."""
        scraped = self._askers.submit(self._last_scrape, now)
        asked = {name: self._askers.submit(self._lately, query, now) for name, query in self._queries.items()}
        return scraped.result(), {name: one.result() for name, one in asked.items()}

    def _last_scrape(self, now: datetime) -> Reading[QueryResult]:
        with deadline.within(QUESTION_SECONDS, self._clock):
            return self._source.instant(LAST_SCRAPE, now)

    def _lately(self, query: str, now: datetime) -> Reading[QueryResult]:
        with deadline.within(QUESTION_SECONDS, self._clock):
            return self._source.range(query, now - SPAN, now, self._step)

    def _as_read(self, readings: Sequence[Reading[QueryResult]], summary: Summary, now: datetime, took: float) -> Reading[Summary]:
        old = next((reading for reading in readings if isinstance(reading, Stale)), None)
        if old is not None:
            return Stale(summary, min(summary.at, old.at), old.why)
        if now - summary.at > self._late:
            return Stale(summary, summary.at, f"figures were last read {summary.reading_age_seconds:.0f} s ago")
        return Fresh(summary, now, took)


def silence(source: MetricsSource, clock: Clock) -> timedelta | None:
    """How long ago an API process was last asked for its figures; None where that is not known, or none ever was."""
    now = clock.now()
    reading = source.instant(LAST_SCRAPE, now)
    last = _instant_of(reading.value) if isinstance(reading, Fresh) else None
    return None if last is None else max(timedelta(), now - last)


def _query(board: Dashboard, panel_id: str, scrape_seconds: float) -> str:
    """The first query of that panel, over all routes and the last minute."""
    panel = board.panel(panel_id)
    if panel is None:
        raise ValueError(f"the dashboard '{board.name}' has no panel '{panel_id}', which the first page shows")
    return filled(panel.queries[0].expr, {}, HEADLINE_SECONDS - scrape_seconds, scrape_seconds)


def _summary(curves: dict[str, Curve | None], last: datetime, now: datetime, processes: int, step: float) -> Summary:
    newest = {name: _newest(curve, min(last, now), step) for name, curve in curves.items()}
    return Summary(
        at=last,
        api_processes=processes,
        series={name: spark(curve, now - SPAN, now, POINTS) for name, curve in curves.items()},
        reading_age_seconds=max(0.0, (now - last).total_seconds()),
        **newest,
    )


def _newest(curve: Curve | None, at: datetime, step: float) -> float | None:
    """The value at the last reading; None where there is none, or only an older one."""
    if curve is None or not len(curve.times):
        return None
    value, time = float(curve.values[-1]), _EPOCH + timedelta(milliseconds=int(curve.times[-1]))
    return value if value == value and at - time <= timedelta(seconds=2.5 * step) else None


def spark(curve: Curve | None, start: datetime, end: datetime, points: int) -> tuple[float | None, ...]:
    """The curve in so many equal parts: the newest finite value of each, None where there is none."""
    found: list[float | None] = [None] * points
    if curve is None:
        return tuple(found)
    begins, whole = (start - _EPOCH) / timedelta(milliseconds=1), (end - start) / timedelta(milliseconds=1)
    for at, value in zip(curve.times.tolist(), curve.values.tolist(), strict=True):
        place = min(points - 1, max(0, int((at - begins) / whole * points)))
        found[place] = value if value == value and abs(value) != float("inf") else found[place]
    return tuple(found)


def _curve(reading: Reading[QueryResult]) -> Curve | None:
    found: QueryResult | None = getattr(reading, "value", None)
    return found.curves[0] if found and found.curves else None


def _instant_of(result: QueryResult) -> datetime | None:
    """The value as seconds since 1970."""
    if not result.curves or not len(result.curves[0].values):
        return None
    return _EPOCH + timedelta(seconds=float(result.curves[0].values[-1]))
