"""An httpx transport whose exchanges end in time: a server that drips, be it headers or body, keeps nobody waiting.

httpx's own time limits are of each read, and a drip makes a thousand of them out of one answer. Here each read, write and
connection gets no more than what is left of the deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from backend.clock import Clock
from backend.resilience import deadline

_AS_HTTPX: tuple[tuple[type[Exception], type[httpx.RequestError]], ...] = (
    (httpcore.ConnectTimeout, httpx.ConnectTimeout),
    (httpcore.TimeoutException, httpx.ReadTimeout),
    (httpcore.ConnectError, httpx.ConnectError),
    (httpcore.NetworkError, httpx.ReadError),
    (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol),
    (httpcore.ProtocolError, httpx.RemoteProtocolError),
)


class PunctualTransport(httpx.BaseTransport):
    """HTTP/1.1 over kept connections, without a proxy. The deadline is the caller's (``deadline.within``).

    ``tls``: whom to trust and who we are; None: the usual authorities, and nobody.
    """

    def __init__(self, clock: Clock, *, connections: int = 16, idle_seconds: float = 30.0, tls: SSLContext | None = None) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls or httpx.create_ssl_context(trust_env=False),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=idle_seconds,
            network_backend=_Punctual(clock),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        wanted = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx():
            answer = self._pool.handle_request(wanted)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Punctual(httpcore.NetworkBackend):
    """The usual sockets, with less patience."""

    def __init__(self, clock: Clock) -> None:
        self._usual = httpcore.SyncBackend()
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, self._clock, httpcore.ConnectTimeout)
        return _Stream(self._usual.connect_tcp(host, port, left, local_address, socket_options), self._clock)


class _Stream(httpcore.NetworkStream):
    def __init__(self, usual: httpcore.NetworkStream, clock: Clock) -> None:
        self._usual = usual
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._usual.read(max_bytes, _left(timeout, self._clock, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._usual.write(buffer, _left(timeout, self._clock, httpcore.WriteTimeout))

    def close(self) -> None:
        self._usual.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, self._clock, httpcore.ConnectTimeout)
        return _Stream(self._usual.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._usual.get_extra_info(info)


def _left(timeout: float | None, clock: Clock, over: type[httpcore.TimeoutException]) -> float | None:
    left = deadline.remaining(clock)
    if left is None:
        return timeout
    if left <= 0:
        raise over("the deadline has passed")
    return left if timeout is None else min(timeout, left)


@contextmanager
def _as_httpx() -> Iterator[None]:
    try:
        yield
    except tuple(ours for ours, _ in _AS_HTTPX) as error:
        raise next(theirs for ours, theirs in _AS_HTTPX if isinstance(error, ours))(str(error)) from error
