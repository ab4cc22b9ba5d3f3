"""The protections of a dependency under any httpx client: give it this transport, and no call of its escapes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline, http_semantics, outward
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import Dependency
from backend.resilience.http_semantics import HTTP, BadStatus

LARGEST_BODY = 2_000_000
_NO_LONGER_TRUE = (b"content-encoding", b"content-length", b"transfer-encoding")  # of a body that was read and decoded

Check = Callable[[httpx.Response], None]


class _Bad(BadStatus):
    """A failure that is an answer all the same: the caller gets it when no further try helped."""

    response: httpx.Response

    @classmethod
    def of(cls, dependency: str, response: httpx.Response, clock: Clock) -> _Bad:
        status = response.status_code
        bad = http_semantics.bad_status(dependency, status, response.headers.get("retry-after"), clock.now())
        error = cls(dependency, status, transient=bad.transient, retry_after_seconds=bad.retry_after_seconds)
        error.response = response
        return error


class _Guarding:
    """What both kinds of transport do to a request and to its answer."""

    def __init__(self, dependency: Dependency, clock: Clock, *, largest_body: int = LARGEST_BODY, check: Check | None = None) -> None:
        self._dependency = dependency
        self._clock = clock
        self._limit = Limit(dependency.name, clock, largest_body)
        self._check = check

    def _repeatable(self, request: httpx.Request) -> bool:
        """A body that is made while it is sent cannot be sent again."""
        return http_semantics.repeatable(request.method, request.headers) and isinstance(request.stream, httpx.ByteStream)

    def _judged(self, response: httpx.Response) -> httpx.Response:
        if http_semantics.is_failure(response.status_code):
            raise _Bad.of(self._dependency.name, response, self._clock)
        if self._check is not None:
            self._check(response)
        return response


class GuardedTransport(_Guarding, httpx.BaseTransport):
    """Every stage of the dependency around another transport.

    Answers are read whole, within the attempt's time and the largest size. Refusals and failures are our own errors; an answer
    with a bad status is still an answer. ``check`` may look at a good one, and raise DependencyFailed to make it a failure.
    """

    def __init__(self, inner: httpx.BaseTransport, dependency: Dependency, clock: Clock, **options: Any) -> None:
        super().__init__(dependency, clock, **options)
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return self._dependency.call(partial(self._attempt, request), idempotent=self._repeatable(request), classify=HTTP)
        except _Bad as bad:
            return bad.response

    def close(self) -> None:
        self._inner.close()

    def _attempt(self, request: httpx.Request, seconds: float) -> httpx.Response:
        with deadline.within(seconds, self._clock), self._limit.translated():
            answer = self._limit.read(self._inner.handle_request(_limited(request, seconds)))
        return self._judged(answer)


class AsyncGuardedTransport(_Guarding, httpx.AsyncBaseTransport):
    """The same for an async client."""

    def __init__(self, inner: httpx.AsyncBaseTransport, dependency: Dependency, clock: Clock, **options: Any) -> None:
        super().__init__(dependency, clock, **options)
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._dependency.acall(partial(self._attempt, request), idempotent=self._repeatable(request), classify=HTTP)
        except _Bad as bad:
            return bad.response

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _attempt(self, request: httpx.Request, seconds: float) -> httpx.Response:
        with self._limit.translated():
            answer = await self._limit.aread(await self._inner.handle_async_request(_limited(request, seconds)))
        return self._judged(answer)


class Limit:
    """The largest body and the longest time of an answer, and the library's errors as ours."""

    def __init__(self, dependency: str, clock: Clock, largest_body: int = LARGEST_BODY) -> None:
        self._dependency = dependency
        self._clock = clock
        self._largest_body = largest_body

    def read(self, response: httpx.Response) -> httpx.Response:
        """The whole answer, within the deadline."""
        body = bytearray()
        try:
            for part in response.iter_bytes():
                if (deadline.remaining(self._clock) or 0.0) < 0:
                    raise self._timed_out()
                self._append(body, part)
        finally:
            response.close()
        return _whole(response, bytes(body))

    async def aread(self, response: httpx.Response) -> httpx.Response:
        """The whole answer; the caller's own timeout ends it."""
        body = bytearray()
        try:
            async for part in response.aiter_bytes():
                self._append(body, part)
        finally:
            await response.aclose()
        return _whole(response, bytes(body))

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Without the library's text, which may carry the address with what was asked."""
        name = self._dependency
        try:
            yield
        except httpx.TimeoutException as error:
            raise self._timed_out() from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise DependencyFailed(name, f"{name} has no address that can be called", transient=False) from error
        except httpx.HTTPError as error:
            words = "could not be reached" if isinstance(error, httpx.ConnectError) else "broke off the exchange"
            raise DependencyFailed(name, f"{name} {words}", transient=True) from error

    def _append(self, body: bytearray, part: bytes) -> None:
        body += part
        if len(body) > self._largest_body:
            detail = f"{self._dependency} answered with more than {self._largest_body} bytes"
            raise DependencyFailed(self._dependency, detail, transient=False)

    def _timed_out(self) -> TimedOut:
        return TimedOut(self._dependency, f"{self._dependency} did not answer in time", transient=True)


def _limited(request: httpx.Request, seconds: float) -> httpx.Request:
    """A request of its own for each attempt, as hedges run side by side; it says how long we shall wait."""
    headers = request.headers.copy()
    headers[deadline.HEADER] = deadline.to_header(seconds)
    headers.update(outward.headers())
    extensions = {**request.extensions, "timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds)}
    return httpx.Request(request.method, request.url, headers=headers, stream=request.stream, extensions=extensions)


def _whole(response: httpx.Response, body: bytes) -> httpx.Response:
    headers = [(name, value) for name, value in response.headers.raw if name.lower() not in _NO_LONGER_TRUE]
    extensions = {name: value for name, value in response.extensions.items() if name in ("http_version", "reason_phrase")}
    return httpx.Response(response.status_code, headers=headers, content=body, extensions=extensions)
