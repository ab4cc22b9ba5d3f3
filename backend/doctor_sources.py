"""Whether metrics and log lines can be read where settings say they are."""

from __future__ import annotations

from backend import preflight
from backend.actor import Actor, ActorKind, Permission
from backend.answer import Empty, Failed, Fresh, Stale
from backend.clock import SystemClock
from backend.errors import ServiceError
from backend.finding import Finding, run_is_on
from backend.logkeeping import ask_loki
from backend.metering import access_problem, ask_server
from backend.probe import alive
from backend.settings import Settings

METRICS_START_SECONDS = 10.0  # it starts beside the others, and nobody waits for it
_DOCTOR = Actor(ActorKind.SYSTEM, "system:doctor", "doctor", frozenset({Permission.VIEW_LOGS}))


def metrics(settings: Settings) -> Finding:
    """The embedded server where it should be, or the one by URL, asked as pages ask it."""
    if settings.prometheus_url:
        return _metrics_elsewhere(settings)
    if run_is_on(settings):
        until = SystemClock().monotonic() + METRICS_START_SECONDS
        while not alive("127.0.0.1", settings.metrics_port):
            if SystemClock().monotonic() > until:
                mend = f"`run` restarts it; see {settings.state_dir / 'log' / 'metrics.log'}."
                return Finding("metrics", False, f"The metrics server on port {settings.metrics_port} does not answer.", mend)
            SystemClock().sleep(0.2)
        return Finding("metrics", True, "The metrics server answers.")
    try:
        preflight.port_is_free("127.0.0.1", settings.metrics_port, "ASTROLABE_METRICS_PORT")
    except ServiceError as error:
        mend = f"End what uses port {settings.metrics_port}, or set ASTROLABE_METRICS_PORT to another."
        return Finding("metrics", False, error.detail, mend)
    return Finding("metrics", True, f"The metrics server is not running; `run` starts it on port {settings.metrics_port}.")


def _metrics_elsewhere(settings: Settings) -> Finding:
    mend = "Check ASTROLABE_PROMETHEUS_URL and the settings beside it, and start that server; charts go on without it."
    problem = access_problem(settings)
    if problem:
        return Finding("metrics", False, problem, mend)
    reading = ask_server(settings, SystemClock())
    if not isinstance(reading, Fresh):
        why = reading.why if isinstance(reading, (Failed, Stale)) else "it does not say what it is"
        return Finding("metrics", False, f"The metrics server of ASTROLABE_PROMETHEUS_URL cannot be read: {why}.", mend)
    return Finding("metrics", True, f"The metrics server of ASTROLABE_PROMETHEUS_URL answers; its version is {reading.value.version}.")


def logs(settings: Settings) -> Finding:
    """Our own store is the database, which is examined by itself; a Loki is asked as pages ask it."""
    if not settings.loki_url:
        return Finding("logs", True, "Log lines are kept in the database.")
    reading = ask_loki(_DOCTOR, settings, SystemClock())
    if isinstance(reading, (Fresh, Empty)):
        return Finding("logs", True, "The Loki of ASTROLABE_LOKI_URL answers.")
    mend = "Check ASTROLABE_LOKI_URL and the settings beside it, and start that server; charts go on without it."
    return Finding("logs", False, f"The Loki of ASTROLABE_LOKI_URL cannot be read: {reading.why}.", mend)
