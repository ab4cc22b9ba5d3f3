"""The role ``metrics``: one loopback port in one event loop, processes that answer beside it, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import uvicorn

from backend.clock import Clock
from backend.metrics_server.app import Parts, create_app
from backend.metrics_server.child import Child
from backend.metrics_server.pool import Bounds, Pool
from backend.metrics_server.worker import Work
from backend.monitoring.rules.documents import RuleDesk
from backend.telemetry.logging import log
from backend.telemetry.metrics_server_series import QuestionCounts, ServerFigures
from backend.telemetry.series import Series

LOG = log(__name__)
STOP_SECONDS = 8.0  # what is being answered may end in that time
WRITERS = 1  # the store takes one writer at a time


@dataclass(frozen=True)
class Served:
    """What ``serve`` is given: where to listen, what the processes that answer are told, and what the server knows by itself."""

    listening: socket.socket
    work: Work
    version: str
    series: Series
    clock: Clock
    rules: RuleDesk
    bounds: Bounds = field(default_factory=Bounds)


class Server(uvicorn.Server):
    """Leaves signals to ``serve``, which ends the processes too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(served: Served) -> None:
    """Until SIGTERM or SIGINT; then no more questions are taken, and those under way are answered."""
    asyncio.run(_serve(served))


async def _serve(served: Served) -> None:
    start, counts = partial(Child.start, served.work), QuestionCounts()
    pool, writing = Pool(start, served.bounds), Pool(start, Bounds(WRITERS, served.bounds.waiting, served.bounds.wait_seconds))
    served.series.metrics_server(lambda: _figures(counts, pool))
    parts = Parts(
        pool,
        writing,
        served.work.limits,
        served.clock,
        served.version,
        served.rules,
        served.series.exposed,
        counts,
    )
    server = _server(create_app(parts))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, partial(_stop, server))
    await pool.prepare()
    LOG.info("metrics_serving", port=served.listening.getsockname()[1])
    try:
        await server.serve([served.listening])
    finally:
        await asyncio.gather(pool.close(), writing.close())
        LOG.info("metrics_stopped")


def _stop(server: Server) -> None:
    server.should_exit = True


def _server(app: Any) -> Server:
    return Server(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=60,
            timeout_graceful_shutdown=int(STOP_SECONDS),
        )
    )


def _figures(counts: QuestionCounts, pool: Pool) -> ServerFigures:
    now = pool.counts
    return ServerFigures(counts, now.running, now.waiting, now.refused, now.killed, now.crashed)
