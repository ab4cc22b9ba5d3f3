"""A server that answers as it is told, or badly: for tests of whoever asks."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Behave = Callable[[socket.socket], None]


class StubServer:
    """``behave`` gets each connection once its request is there; what it was asked, first lines and headers, is in ``requests``."""

    def __init__(self, behave: Behave) -> None:
        self.behave = behave
        self.requests: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._gone = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def kill(self) -> None:
        """From now on connections are refused, and those that hang break off."""
        self._gone.set()
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self.requests.append(connection.recv(65_536).decode())
            self.behave(connection)

    def silent(self, connection: socket.socket) -> None:
        """A behaviour: says nothing, until it is killed."""
        self._gone.wait(30)


def answering(body: str | bytes, status: int = 200, length: int | None = None) -> Behave:
    """A behaviour: this document; ``length`` claims another than it has."""
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} Word\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length or len(data)}\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + data)
