"""One API process: the public port and the loopback operations port in one event loop, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import uvicorn
import uvloop

from backend.api.admission import Admission
from backend.api.app import create_app, create_operations_app
from backend.api.parts import ApiParts
from backend.api.protocol import CLOSING, BoundedProtocol
from backend.api.recorder import RequestRecorder
from backend.monitoring.heartbeat import Heartbeat
from backend.telemetry.logging import log

LOG = log(__name__)
BACKLOG = 2048
STOP_SECONDS = 11  # a little more than a request may take
LINGER_SECONDS = 2.0


class ApiServer(uvicorn.Server):
    """Leaves signals to ``serve``, as there are two of these in one process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def drain(self, seconds: float = LINGER_SECONDS) -> None:
        """Take no more connections; close each open one with its next answer, or after ``seconds`` without a request.

        An idle connection closed at once would break on whoever is just about to ask.
        """
        for listener in self.servers:
            listener.close()
        self.config.encoded_headers.append(CLOSING)  # the server's own list is made anew from these each second
        self.server_state.default_headers = [*self.server_state.default_headers, CLOSING]
        until = asyncio.get_running_loop().time() + seconds
        while self.server_state.connections and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        self.should_exit = True


def serve(
    parts: ApiParts,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    fd: int | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    serving: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until SIGTERM or SIGINT. OSError when the port is taken. ``fd``: a listening socket that the parent opened.

    ``serving`` is told the operations port's address as soon as both ports answer.
    """
    public = listening(host, port) if fd is None else socket.socket(fileno=fd)
    operations = listening("127.0.0.1", 0)
    address = f"http://127.0.0.1:{operations.getsockname()[1]}"
    parts = replace(parts, instance=replace(parts.instance, operations_url=address), tls=parts.tls or certificate is not None)
    recorder, heartbeat = RequestRecorder(parts.monitoring, parts.series), Heartbeat(parts.monitoring, parts.instance)
    app = create_app(parts, recorder.put)
    admission = Admission(parts.series)
    servers = [server_for(app, certificate, key, admission), server_for(create_operations_app(parts, app))]
    recorder.start()
    heartbeat.start()
    LOG.info("api_serving", operations_url=address)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(servers, [public, operations], lambda: serving(address)))
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


def server_for(app: object, certificate: Path | None = None, key: Path | None = None, admission: Admission | None = None) -> ApiServer:
    return ApiServer(
        uvicorn.Config(
            app,  # type: ignore[arg-type]
            http=partial(BoundedProtocol, admission=admission),  # type: ignore[arg-type] # it is only ever called
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


async def _run(servers: list[ApiServer], sockets: list[socket.socket], serving: Callable[[], None]) -> None:
    """Until told to stop; then the public port drains, and the operations port answers to the end."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    tasks = [asyncio.create_task(server.serve([listener])) for server, listener in zip(servers, sockets, strict=True)]
    waiting = asyncio.create_task(told.wait())
    while not all(server.started for server in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    serving()
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if told.is_set():
        LOG.info("api_draining", connections=len(servers[0].server_state.connections))
        await servers[0].drain()
        await tasks[0]
    for server in servers:
        server.should_exit = True
    waiting.cancel()
    await asyncio.gather(*tasks)
