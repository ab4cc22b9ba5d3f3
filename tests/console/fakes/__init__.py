"""Stand-ins for the backend's services, with every state a source can be in: fresh, empty, stale, failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from backend.charts.engine.files import DATA
from backend.telemetry.series import Series
from tests.console.fakes.accounts import PASSWORD, FakeAccounts, FakeKeys
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.boards import FakeAnnotations, boards
from tests.console.fakes.cases import FakeTeamCases
from tests.console.fakes.charts import CHART, FakeApi
from tests.console.fakes.circuits import SETTINGS, FakeCircuits, InstanceView, Transition, of_another_service
from tests.console.fakes.logs import FakeLogs, FakeRequests
from tests.console.fakes.monitoring import FakeHealth, FakeMonitoring, FakeSearch
from tests.console.fakes.queries import FakeQueries
from tests.console.fakes.regressions import FakeRegressions
from tests.console.fakes.sources import HOSTILE, START, STATES, FakeClock
from tests.support.answers import StandInApi
from tests.support.metrics_source import StandInMetrics

__all__ = [
    "CHART", "HOSTILE", "PASSWORD", "SETTINGS", "START", "STATES", "FakeClock", "InstanceView", "Transition", "of_another_service",
    "services",
]  # fmt: skip


def services(state: str = "fresh", clock: FakeClock | None = None) -> Any:
    """A whole backend in one state."""
    clock = clock or FakeClock()
    audit = FakeAudit(clock, state)
    circuits, monitoring = FakeCircuits(clock, audit, state), FakeMonitoring(clock, state)
    logs = FakeLogs(clock, state)
    settings = SimpleNamespace(
        console_base="http://127.0.0.1:8501",
        api_base="http://127.0.0.1:8000",
        demo=False,
        version="0.1.0",
        trusted_proxy="",
        geocoder_configured=True,
        source_url="",
        zoneinfo_dir=DATA / "zoneinfo",
    )
    return SimpleNamespace(
        settings_view=settings, clock=clock, secret="s" * 40, audit=audit, accounts=FakeAccounts(clock, audit), keys=FakeKeys(clock, audit),
        cases=FakeTeamCases(state, audit), regressions=FakeRegressions(clock, audit, state), calculator=StandInApi(),
        circuits=circuits, boards=boards(clock, state), annotations=FakeAnnotations(clock, circuits, audit, state),
        monitoring=monitoring, glance=monitoring, health=FakeHealth(state),
        search=FakeSearch(), metrics=StandInMetrics(clock, state), queries=FakeQueries(clock, audit, state),
        logs=logs, requests=FakeRequests(clock, logs, state), instance_id="console-1", chart_api=FakeApi(state),
        series=Series("0.1.0", "console"),
    )  # fmt: skip
