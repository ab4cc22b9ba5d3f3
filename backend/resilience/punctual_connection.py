"""Connections of urllib3 whose answers end in time: each read of one gets no more than what is left of the deadline.

The library's own time limit is of each read, and a server that drips makes a thousand of them out of one answer.
"""

from __future__ import annotations

import http.client
import io
import socket
from functools import partial
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from backend.clock import Clock
from backend.resilience import deadline


def punctual_pools(clock: Clock) -> dict[str, type[HTTPConnectionPool]]:
    """For a pool manager's ``pool_classes_by_scheme``. The deadline is the caller's (``deadline.within``)."""
    response = partial(_Response, clock=clock)

    class Plain(HTTPConnection):
        response_class = staticmethod(response)  # type: ignore[assignment]

    class Secure(HTTPSConnection):
        response_class = staticmethod(response)  # type: ignore[assignment]

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, clock: Clock, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Punctual(sock, clock))


class _Punctual(io.RawIOBase):
    """The socket's own file, with less patience."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._socket = sock
        self._file: Any = sock.makefile("rb", buffering=0)
        self._clock = clock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = deadline.remaining(self._clock)
        if left is not None:
            if left <= 0:
                raise TimeoutError("the deadline has passed")
            self._socket.settimeout(left)
        count: int | None = self._file.readinto(buffer)
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
