"""The composition root: settings in, services out. The only module that knows every part."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from backend import preflight
from backend.accounts.cases import CaseService
from backend.accounts.credentials import PasswordHasher
from backend.accounts.keys import KeyService, console_token
from backend.accounts.service import AccountService
from backend.api.parts import ApiParts
from backend.audit.service import AuditService
from backend.clock import Clock, SystemClock
from backend.collecting import Collecting, build_collecting
from backend.geocoding import GUARDING, Geocoding, build_geocoding, guarded
from backend.health_checks import checks
from backend.identifiers import uuid7
from backend.integrations.http_client import Fetcher
from backend.integrations.place_service import PlaceService
from backend.integrations.places import PlaceIndex
from backend.integrations.zones import zone_at
from backend.logkeeping import LogKeeping, build_logs, guarded_logs
from backend.metering import Metering, build_metering, guarded_metrics, panels_at_a_time
from backend.monitoring.dashboards.glance import Glance
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.dashboards.service import BoardService
from backend.monitoring.logs.service import LogService
from backend.monitoring.queries.service import SavedQueryService
from backend.monitoring.records import Instance
from backend.monitoring.requests.service import RequestService
from backend.monitoring.service import MonitoringService
from backend.monitoring.source import MetricsSource
from backend.monitoring.target_file import TargetFile
from backend.observing import Observing, build_observing, computing_readings
from backend.operations.annotations import AnnotationService
from backend.operations.applying import standing_orders
from backend.operations.circuits import CircuitService
from backend.operations.deploys.service import DeployService
from backend.operations.health import HealthService
from backend.operations.search import SearchService
from backend.operations.telling import told_to
from backend.regression.calculator import ApiCalculator
from backend.regression.service import RegressionService
from backend.resilience.orders import Order, Slot
from backend.settings import Settings
from backend.settings_view import SettingsView, version, view_of
from backend.storage.database import Database
from backend.storage.shared import SharedState
from backend.telemetry.series import Series

if TYPE_CHECKING:
    from backend.charting import Charting
    from backend.charts.service import ChartService, PlaceResolver

PROMETHEUS_SCRAPE_SECONDS = 15.0
LARGEST_ANSWER = 8_000_000  # of the API to a regression set, in bytes


@dataclass(frozen=True)
class Services:
    """Everything a role works with. ``charting`` is there in the API's processes alone, as only they load the ephemeris."""

    settings_view: SettingsView
    clock: Clock
    database: Database
    shared: SharedState
    audit: AuditService
    accounts: AccountService
    keys: KeyService
    cases: CaseService
    regressions: RegressionService
    calculator: ApiCalculator
    circuits: CircuitService
    places: PlaceService
    monitoring: MonitoringService
    metrics: MetricsSource
    logs: LogService
    requests: RequestService
    keeping: LogKeeping
    boards: BoardService
    glance: Glance
    deploys: DeployService
    annotations: AnnotationService
    targets: TargetFile
    health: HealthService
    search: SearchService
    queries: SavedQueryService
    series: Series
    observing: Observing
    instance: Instance
    secret: str
    charting: Charting | None = None
    collecting: Collecting | None = None
    closers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def instance_id(self) -> str:
        return self.instance.id

    def close(self) -> None:
        """Let go of threads and connections, the last taken first."""
        for close in reversed(self.closers):
            close()


def build(settings: Settings, role: str, clock: Clock | None = None, instance: Instance | None = None) -> Services:
    """Wire one process of that role. ``close()`` it at the end. ``instance``: as it is called already."""
    secret, clock = preflight.secret(settings), clock or SystemClock()
    database, shared = Database(settings.sql_url), SharedState(settings.shared_url)
    asking = Fetcher("the API", clock, largest_body=LARGEST_ANSWER)
    audit = AuditService(database, clock)
    monitoring = MonitoringService(database, clock)
    instance = instance or new_instance(role, clock)
    series = Series(instance.version, role, instance.started_at.timestamp())
    geocoding = build_geocoding(settings, shared, instance, series, clock) if settings.geocoder_url and role in GUARDING else None
    index = PlaceIndex(settings.place_index)
    breaker = geocoding.breaker if geocoding else None
    places = PlaceService(index, geocoding.geocoder if geocoding else None, geocoding.dependency if geocoding else None, clock)
    metering = build_metering(settings, shared, instance, series, clock, geocoding.sync if geocoding else None)
    keeping = build_logs(settings, database, series, clock, metering.sync)
    circuits = CircuitService(
        database, shared, audit, clock, guarded(settings) | guarded_metrics(settings) | guarded_logs(settings), told_to(series)
    )
    accounts = AccountService(database, audit, PasswordHasher(os.cpu_count() or 1), clock)
    health = HealthService(checks(database, shared, monitoring, index, settings.ephemeris_dir, breaker, metering.source, clock), clock)
    keys = KeyService(database, audit, clock, secret, shared)
    scrape_seconds = _scrape_seconds(settings)
    boards = BoardService(shipped(), metering.source, clock, scrape_seconds, at_a_time=panels_at_a_time(settings))
    glance = Glance(shipped()["service"], metering.source, monitoring.instances, clock, scrape_seconds)
    deploys = DeployService(database, audit, clock)
    charts = _charts(settings, places, clock) if role == "api" else None
    observing = build_observing(settings, instance, database, shared, series, clock)
    if charts:
        series.read(lambda: computing_readings(charts.usage()))
    services = Services(
        settings_view=view_of(settings, instance.version),
        clock=clock,
        database=database,
        shared=shared,
        audit=audit,
        accounts=accounts,
        keys=keys,
        cases=CaseService(database, secret, clock, audit),
        regressions=RegressionService(database, audit, clock, secret),
        calculator=ApiCalculator(asking, settings.api_base, console_token(secret)),
        circuits=circuits,
        places=places,
        monitoring=monitoring,
        metrics=metering.source,
        logs=keeping.service,
        requests=RequestService(database, keeping.service, audit, clock),
        keeping=keeping,
        boards=boards,
        glance=glance,
        deploys=deploys,
        annotations=AnnotationService(deploys, circuits, audit),
        targets=TargetFile(settings.target_file, instance.host, monitoring.instances),
        health=health,
        search=SearchService(monitoring, accounts, circuits, audit),
        queries=SavedQueryService(database, audit, clock),
        series=series,
        observing=observing,
        instance=instance,
        secret=secret,
        charting=_charting(settings, charts, geocoding, secret, clock, series) if charts else None,
        collecting=build_collecting(settings, monitoring.instances, series, clock) if role == "worker" else None,
        closers=[database.close, shared.close, asking.close, keys.close, boards.close, glance.close],
    )
    _start(services, charts, geocoding, metering)
    return services


def _start(services: Services, charts: ChartService | None, geocoding: Geocoding | None, metering: Metering) -> None:
    """What goes on by itself from now on; what was started last is stopped first."""
    closers = services.closers

    def standing(circuit: str) -> Mapping[Slot, Order]:
        return standing_orders(services.database, circuit, services.clock.now())

    if services.collecting:
        closers.append(services.collecting.close)
    if charts:
        closers.append(charts.close)
    if services.charting:
        services.charting.start()
        closers.append(services.charting.stop)
    if geocoding:
        geocoding.start(lambda: standing(geocoding.breaker.name))
        services.series.circuit_state(geocoding.breaker.name, geocoding.breaker.view().state)  # later only changes are told
        closers.append(geocoding.stop)
    metering.start(lambda: standing(metering.breaker.name))
    closers.append(metering.stop)
    services.observing.start()
    closers.append(services.observing.stop)
    services.keeping.start(standing)
    closers.append(services.keeping.stop)


def from_environment(role: str) -> Services:
    """One process wired by itself, from the environment alone; for servers that import an application by name."""
    return build(Settings(), role)


def api_parts(services: Services) -> ApiParts:
    """What the API takes of the services."""
    if services.charting is None:
        raise ValueError("only services built for the role 'api' compute charts")
    return ApiParts(
        charts=services.charting.desk,
        places=services.places,
        keys=services.keys,
        monitoring=services.monitoring,
        health=services.health,
        deploys=services.deploys,
        series=services.series,
        instance=services.instance,
        profiling=services.observing.profiling,
        trace=services.observing.trace,
        clock=services.clock,
        version=services.settings_view.version,
        source_url=services.settings_view.source_url,
        tls=services.settings_view.api_base.startswith("https:"),
    )


def _charts(settings: Settings, places: PlaceService, clock: Clock) -> ChartService:
    from backend.charts.engine.civil_time import ZoneFolder
    from backend.charts.engine.ephemeris import Ephemeris
    from backend.charts.search_process import SearchProcess
    from backend.charts.service import ChartService
    from backend.charts.vocabulary import Mode

    zone_at(0.0, 0.0)  # reads the map of zones, which the first caller should not wait for
    resolver = cast("PlaceResolver", places)  # its places have more to them than charts ask for
    searching = SearchProcess(settings.ephemeris_dir, Mode.FILES, clock)
    return ChartService(Ephemeris(settings.ephemeris_dir), ZoneFolder(settings.zoneinfo_dir), resolver, clock, searching)


def _charting(settings: Settings, charts: ChartService, geocoding: Geocoding | None, secret: str, clock: Clock, series: Series) -> Charting:
    from backend.charting import build_charting

    finding = (lambda: geocoding.is_called) if geocoding else (lambda: True)  # the index is always there
    return build_charting(settings.shared_url, charts, secret, clock, series, finding)


def new_instance(role: str, clock: Clock | None = None) -> Instance:
    """This process, under a name of its own."""
    now = (clock or SystemClock()).now()
    return Instance(uuid7(now), role, os.getpid(), socket.gethostname(), version(), now)


def _scrape_seconds(settings: Settings) -> float:
    """How far apart samples are: as our own store takes them, or as the scrape configuration that we write for a Prometheus says."""
    return max(settings.metrics_scrape_seconds, PROMETHEUS_SCRAPE_SECONDS) if settings.prometheus_url else settings.metrics_scrape_seconds
