"""What the health page and /readyz ask after, and what is not seen or not done while a part is away."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from pathlib import Path

from backend.answer import Empty, Failed, Fresh, Stale
from backend.charts.engine.files import check_files
from backend.clock import Clock
from backend.errors import CallRefused, DependencyFailed, StorageUnavailable
from backend.integrations.places import PlaceIndex
from backend.monitoring.dashboards.glance import silence
from backend.monitoring.service import MonitoringService
from backend.monitoring.source import MetricsSource
from backend.operations.health import Check, NotKnown
from backend.resilience import deadline
from backend.resilience.breaker import Breaker
from backend.resilience.orders import OverrideKind
from backend.storage.database import Database
from backend.storage.shared import SharedState

LATE = timedelta(seconds=60)  # several readings of the usual intervals, of ours and of a Prometheus
METRICS_SECONDS = 0.9  # a little less than a check has
_WITHOUT_SQL = "Nobody can sign in, no act is done; keys and sessions that were not in use in the last 5 min are refused."


def checks(
    database: Database,
    shared: SharedState,
    monitoring: MonitoringService,
    places: PlaceIndex,
    ephemeris: Path,
    geocoder: Breaker | None,
    metrics: MetricsSource,
    clock: Clock,
) -> list[Check]:
    """In the order in which they are shown."""
    return [
        Check("sql", "Database", lambda: _sql(database), _WITHOUT_SQL, essential=True),
        Check("valkey", "Valkey", lambda: _valkey(shared), "Circuits are each process's own; isolating is recorded but not yet applied."),
        Check("worker", "Worker", lambda: _worker(monitoring), "Figures grow old; overrides do not end by themselves."),
        Check("api", "API processes", lambda: _api(monitoring), "No chart is computed."),
        Check("ephemeris", "Ephemeris files", lambda: _ephemeris(ephemeris), "Charts come from the built-in theory and say degraded."),
        Check("places", "Place index", lambda: _places(places), "Places cannot be found offline; coordinates go on working."),
        Check("geocoder", "Geocoder", lambda: _geocoder(geocoder), "Places come from the offline index and the answers say degraded."),
        Check(
            "metrics", "Metrics server", lambda: _metrics(metrics, clock), "Charts of the past and new figures are not seen; answers go on."
        ),
    ]


def _sql(database: Database) -> str:
    database.ping()
    kind = "SQLite in the state folder" if database.dialect == "sqlite" else "PostgreSQL"
    return kind if database.takes_changes else f"{kind}; it answers, but takes no changes"


def _valkey(shared: SharedState) -> str:
    shared.ping()
    return "embedded" if shared.url.startswith("unix:") else "by URL"


def _worker(monitoring: MonitoringService) -> str:
    workers = sum(1 for instance in monitoring.instances() if instance.role == "worker")
    if not workers:
        raise StorageUnavailable("worker", "no worker has been heard of in the last 15 s")
    return _counted(workers)


def _api(monitoring: MonitoringService) -> str:
    processes = sum(1 for instance in monitoring.instances() if instance.role == "api")
    if not processes:
        raise StorageUnavailable("api", "no API process has been heard of in the last 15 s")
    return _counted(processes)


def _counted(processes: int) -> str:
    return f"{processes} process{'' if processes == 1 else 'es'}"


def _ephemeris(folder: Path) -> str:
    problems = _problems(folder)
    if problems:
        raise StorageUnavailable("ephemeris", problems)
    return "all files are the pinned ones"


@cache
def _problems(folder: Path) -> str:
    """Read once in a process's life, as the calculation also reads them once."""
    return "; ".join(problem.detail for problem in check_files(folder))


def _places(index: PlaceIndex) -> str:
    index.search("London", 1)
    return "offline index of GeoNames data"


def _geocoder(breaker: Breaker | None) -> str:
    """What its circuit says: asking after it must not be a call of its own."""
    if breaker is None:
        raise NotKnown("no geocoder is configured; places come from the offline index")
    view = breaker.view()
    if view.override in (OverrideKind.ISOLATED, OverrideKind.FORCED_OPEN):
        raise CallRefused("geocoder", f"{view.state.replace('_', ' ')} by an operator")
    if view.override is not OverrideKind.NONE:
        return f"an operator set the circuit to {view.state.replace('_', ' ')}"
    if view.state != "closed":
        raise DependencyFailed("geocoder", f"the circuit is {view.state.replace('_', '-')}", transient=True)
    return "the circuit is closed"


def _silence(source: MetricsSource, clock: Clock) -> timedelta | None:
    with deadline.within(METRICS_SECONDS, clock):
        return silence(source, clock)


def _metrics(source: MetricsSource, clock: Clock) -> str:
    """Two questions of its own with little time, asked together; they count at the circuit as any other."""
    with ThreadPoolExecutor(1, "silence") as pool:
        last = pool.submit(_silence, source, clock)
        with deadline.within(METRICS_SECONDS, clock):
            reading = source.server()
        silent = last.result() if isinstance(reading, Fresh) else None
    if silent is not None and silent > LATE:
        raise DependencyFailed("metrics", f"figures were last read {silent.total_seconds():.0f} s ago", transient=True)
    match reading:
        case Failed(why=why) | Stale(why=why):
            raise DependencyFailed("metrics", why, transient=True)
        case Empty():
            raise DependencyFailed("metrics", "the server does not say what it is", transient=True)
        case _:
            return "embedded" if reading.value.kind == "embedded" else f"Prometheus {reading.value.version} by URL"
