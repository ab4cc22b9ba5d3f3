"""A socket whose answers are whole in time or fail: a server that drips one byte after another keeps nobody waiting.

A client library's own timeout is one of each read, and a drip makes a thousand of them out of one answer.
"""

from __future__ import annotations

import socket
import time
from typing import Any


class PunctualSocket:
    """Stands before a connected socket: what is read after a command was sent has to be there within ``patience_seconds`` of it."""

    def __init__(self, connected: socket.socket, patience_seconds: float) -> None:
        self._socket = connected
        self._patience = patience_seconds
        self._due = time.monotonic() + patience_seconds

    def sendall(self, data: bytes) -> None:
        self._due = time.monotonic() + self._patience
        self._socket.settimeout(self._patience)
        self._socket.sendall(data)

    def recv_into(self, buffer: bytearray) -> int:
        self._hurry()
        return self._socket.recv_into(buffer)

    def recv(self, size: int, flags: int = 0) -> bytes:
        self._hurry()
        return self._socket.recv(size, flags)

    def __getattr__(self, name: str) -> Any:
        """All else is the socket's own."""
        return getattr(self._socket, name)

    def _hurry(self) -> None:
        left = self._due - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(left)


def punctual(connection: type) -> type:
    """The same kind of connection of a client library, on punctual sockets."""

    class Punctual(connection):  # type: ignore[misc]
        def _connect(self) -> PunctualSocket:
            return PunctualSocket(super()._connect(), self.socket_timeout)

    return Punctual
