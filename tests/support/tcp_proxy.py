"""A TCP connection that behaves badly on request, in front of a real server on a unix socket."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

_DRIP_SECONDS = 0.05


class Conduct(StrEnum):
    WELL = "well"
    DRIP = "drip"  # one byte of the answer every 50 ms
    BLACK_HOLE = "black hole"  # connections open, nothing is ever answered
    DELAY = "5 s delay"
    RESET = "reset"  # every connection is broken off at once


class TcpProxy:
    """Listens on a loopback port of its own; what ``conduct`` says holds for connections that stand, too."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._conduct = Conduct.WELL
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tcp-proxy", daemon=True)
        self._thread.start()
        self._started.wait()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}"

    def behave(self, conduct: Conduct) -> None:
        self._conduct = conduct
        if conduct is Conduct.RESET:
            self._loop.call_soon_threadsafe(self._break_all)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._conduct is Conduct.RESET:
            _break(writer)
            return
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_unix_connection(str(self._target))
            self._writers |= {writer, far_writer}
            await asyncio.gather(self._pass(reader, far_writer, answer=False), self._pass(far_reader, writer, answer=True))
            self._writers -= {writer, far_writer}
            return
        writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answer: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if self._conduct is Conduct.BLACK_HOLE:
                    continue
                if self._conduct is Conduct.DELAY:
                    await asyncio.sleep(5.0)
                for piece in self._pieces(data, answer):
                    writer.write(piece)
                    await writer.drain()
                    if len(piece) < len(data):
                        await asyncio.sleep(_DRIP_SECONDS)
        writer.close()

    def _pieces(self, data: bytes, answer: bool) -> list[bytes]:
        if self._conduct is Conduct.DRIP and answer:
            return [data[place : place + 1] for place in range(len(data))]
        return [data]

    def _break_all(self) -> None:
        for writer in self._writers:
            _break(writer)
        self._writers = set()


def _break(writer: asyncio.StreamWriter) -> None:
    """End it with a RST instead of a farewell."""
    with suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def tcp_proxy(target: Path) -> Iterator[TcpProxy]:
    proxy = TcpProxy(target)
    try:
        yield proxy
    finally:
        proxy.stop()
