"""One API process: the public port and the loopback operations port in one event loop, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import uvicorn
import uvloop

from backend.api.app import create_app, create_operations_app
from backend.api.parts import ApiParts
from backend.api.protocol import BoundedProtocol
from backend.api.recorder import RequestRecorder
from backend.monitoring.heartbeat import Heartbeat
from backend.telemetry.logging import log

LOG = log(__name__)
BACKLOG = 2048
STOP_SECONDS = 5  # the supervisor waits for 10


class ApiServer(uvicorn.Server):
    """Leaves signals to ``serve``, as there are two of these in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(
    parts: ApiParts,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    fd: int | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. OSError when the port is taken. ``fd``: a listening socket that the parent opened."""
    public = listening(host, port) if fd is None else socket.socket(fileno=fd)
    operations = listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{operations.getsockname()[1]}"
    parts = replace(parts, instance=replace(parts.instance, operations_url=address), tls=parts.tls or certificate is not None)
    recorder, heartbeat = RequestRecorder(parts.monitoring, parts.series), Heartbeat(parts.monitoring, parts.instance)
    app = create_app(parts, recorder.put)
    servers = [server_for(app, certificate, key), server_for(create_operations_app(parts, app))]
    recorder.start()
    heartbeat.start()
    LOG.info("api_serving", operations_url=address)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(servers, [public, operations]))
    finally:
        heartbeat.stop()
        recorder.stop()
        LOG.info("api_stopped")


def listening(host: str, port: int) -> socket.socket:
    """A listening socket; OSError when the address is taken or not ours."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def server_for(app: object, certificate: Path | None = None, key: Path | None = None) -> ApiServer:
    return ApiServer(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            http=BoundedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=str(certificate) if certificate else None,
            ssl_keyfile=str(key) if key else None,
        )
    )


async def _run(servers: list[ApiServer], sockets: list[socket.socket]) -> None:
    """Until told to stop; then the public port closes first and drains."""

    def stop() -> None:
        for server in servers:
            server.should_exit = True

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    tasks = [asyncio.create_task(server.serve([listener])) for server, listener in zip(servers, sockets, strict=True)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop()
    await asyncio.gather(*tasks)
    for task in done:
        task.result()
