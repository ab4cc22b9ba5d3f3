"""Starting one role in this process."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
import threading
from dataclasses import replace
from functools import partial

from backend import bootstrap, duties, preflight
from backend.preflight import StartRefused
from backend.settings import ROOT, Settings
from backend.telemetry import logging
from backend.telemetry.operations_port import OperationsPort

STOP_SECONDS = 4


def serve_api(settings: Settings, fd: int | None, ready_fd: int | None = None) -> None:
    """Serve the API until told to stop. ``ready_fd``: a pipe to whoever waits to hear that it serves, and where its operations port is."""
    _check(settings)
    services = _built(settings, "api")
    from backend.api.serve import serve

    try:
        listening = fd if fd is not None else preflight.listener(settings.api_host, settings.api_port, "ASTROLABE_API_PORT").detach()
        serve(
            bootstrap.api_parts(services),
            fd=listening,
            certificate=settings.tls_certificate,
            key=settings.tls_key,
            serving=partial(_tell, ready_fd),
        )
    finally:
        services.close()


def _built(settings: Settings, role: str) -> bootstrap.Services:
    """Its lines are in their form from the first on."""
    instance = bootstrap.new_instance(role)
    logging.configure(settings.log_level, role, instance.id, file=settings.log_file)
    return bootstrap.build(settings, role, instance=instance)


def serve_console(settings: Settings, fd: int | None) -> None:
    """Serve the console until told to stop."""
    import uvicorn

    _check(settings)
    listening = (
        preflight.listener(settings.console_host, settings.console_port, "ASTROLABE_CONSOLE_PORT")
        if fd is None
        else socket.socket(fileno=fd)
    )
    os.chdir(ROOT)  # where Streamlit looks for its configuration
    sys.path.insert(0, str(ROOT))
    os.environ.update({name: value for name, value in settings.child_environment().items() if name.startswith("ASTROLABE_")})
    from backend.monitoring.heartbeat import Heartbeat
    from components.services import provide

    services = bootstrap.build(settings, "console")
    provide(services)
    app = importlib.import_module("app").app
    # After Streamlit's import, which sets up its own.
    logging.configure(settings.log_level, "console", services.instance_id, file=settings.log_file)
    port = OperationsPort(services.series.exposed)
    heartbeat = Heartbeat(services.monitoring, replace(services.instance, operations_url=port.address))
    port.start()
    heartbeat.start()
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_per_message_deflate=False,  # a page is some forty small messages: compressing each costs more than it saves
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=str(settings.tls_key) if settings.tls_key else None,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        heartbeat.stop()
        port.close()
        services.close()


def serve_metrics(settings: Settings) -> None:
    """Serve the embedded metrics store on loopback until told to stop."""
    from backend.collecting import build_store
    from backend.metrics_server.serve import Served, serve
    from backend.metrics_server.worker import Work
    from backend.monitoring.heartbeat import Heartbeat
    from backend.monitoring.promql.engine import Limits
    from backend.monitoring.rules.documents import RuleDesk

    if settings.prometheus_url:
        raise StartRefused("ASTROLABE_PROMETHEUS_URL names the server that keeps the metrics, so the embedded one is not started.")
    listening = preflight.listener("127.0.0.1", settings.metrics_port, "ASTROLABE_METRICS_PORT")
    services = _built(settings, "metrics")
    store = build_store(settings, services.clock)
    rules = RuleDesk(settings.metrics_rules_dir, settings.rules_state)
    work = Work(store.path, settings.metrics_scrape_seconds, Limits(), store.limits)
    heartbeat = Heartbeat(services.monitoring, replace(services.instance, operations_url=f"http://127.0.0.1:{settings.metrics_port}"))
    heartbeat.start()
    try:
        serve(Served(listening, work, services.instance.version, services.series, services.clock, rules))
    finally:
        heartbeat.stop()
        services.close()


def work(settings: Settings, stopped: threading.Event | None = None) -> None:
    """Do the worker's jobs until told to stop."""
    from backend.monitoring.heartbeat import Heartbeat
    from backend.worker import Worker

    stop = stopped or threading.Event()
    services = _built(settings, "worker")
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    port = OperationsPort(services.series.exposed)
    heartbeat = Heartbeat(services.monitoring, replace(services.instance, operations_url=port.address))
    port.start()
    heartbeat.start()
    logging.log(__name__).info("worker_started")
    beside = [
        threading.Thread(target=Worker(jobs(services), services.clock, services.series).run, args=(stop.wait,), daemon=True)
        for jobs in (duties.beat_jobs, duties.slow_jobs, duties.log_jobs)
    ]
    for thread in beside:
        thread.start()
    try:
        Worker(duties.jobs(services), services.clock, services.series).run(stop.wait)
    finally:
        until = services.clock.monotonic() + STOP_SECONDS
        for thread in beside:
            thread.join(max(0.0, until - services.clock.monotonic()))  # all of them together, as the supervisor waits for the whole
        heartbeat.stop()
        port.close()
        services.close()
        logging.log(__name__).info("worker_stopped")


def _tell(ready_fd: int | None, address: str) -> None:
    if ready_fd is not None:
        with os.fdopen(ready_fd, "w") as waiting:
            waiting.write(address)


def _check(settings: Settings) -> None:
    problem = preflight.tls_problem(settings)
    if problem:
        raise StartRefused(problem)
