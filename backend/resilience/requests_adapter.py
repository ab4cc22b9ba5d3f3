"""The protections of a dependency under requests: mount the adapter, or use the session, which no other adapter gets into."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline, http_semantics, outward
from backend.resilience.deadline import TimedOut
from backend.resilience.dependency import Dependency
from backend.resilience.http_semantics import HTTP, BadStatus
from backend.resilience.punctual_connection import punctual_pools

LARGEST_BODY = 20_000_000
_PART = 65_536
_NO_LONGER_TRUE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Bad(BadStatus):
    """A failure that is an answer all the same."""

    response: requests.Response


Check = Callable[[requests.Response], None]


class GuardedAdapter(HTTPAdapter):
    """Every stage of the dependency around the adapter's own exchange; answers are read whole, within time and size.

    ``check`` may look at a good one, and raise DependencyFailed to make it a failure.
    """

    def __init__(
        self,
        dependency: Dependency,
        clock: Clock,
        *,
        largest_body: int = LARGEST_BODY,
        connections: int = 10,
        check: Check | None = None,
    ) -> None:
        self._clock = clock
        super().__init__(pool_connections=connections, pool_maxsize=connections, max_retries=0)
        self._dependency = dependency
        self._largest_body = largest_body
        self._check = check

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = punctual_pools(self._clock)

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """The session's own time limits do not count: the dependency's do."""
        kept = {name: value for name, value in options.items() if name in ("verify", "cert", "proxies")}
        try:
            return self._dependency.call(partial(self._attempt, request, kept), idempotent=_repeatable(request), classify=HTTP)
        except _Bad as bad:
            return bad.response

    def _attempt(self, request: requests.PreparedRequest, options: Mapping[str, Any], seconds: float) -> requests.Response:
        own = request.copy()
        own.headers[deadline.HEADER] = deadline.to_header(seconds)
        own.headers.update(outward.headers())
        ends = self._clock.monotonic() + seconds
        with deadline.within(seconds, self._clock), self._translated():
            answer = self._read(own, super().send(own, stream=True, timeout=seconds, **options), ends)
        if http_semantics.is_failure(answer.status_code):
            raise self._bad(answer)
        if self._check is not None:
            self._check(answer)
        return answer

    def _read(self, request: requests.PreparedRequest, response: requests.Response, ends: float) -> requests.Response:
        body = bytearray()
        with response:
            for part in response.iter_content(_PART):
                if self._clock.monotonic() > ends:
                    raise self._timed_out()
                body += part
                if len(body) > self._largest_body:
                    raise self._failed(f"answered with more than {self._largest_body} bytes", transient=False)
        headers = {name: value for name, value in response.headers.items() if name.lower() not in _NO_LONGER_TRUE}
        raw = HTTPResponse(io.BytesIO(bytes(body)), headers, response.status_code, reason=response.reason, preload_content=False)
        return self.build_response(request, raw)

    def _bad(self, answer: requests.Response) -> _Bad:
        found = http_semantics.bad_status(self._dependency.name, answer.status_code, answer.headers.get("retry-after"), self._clock.now())
        error = _Bad(found.dependency, found.status, transient=found.transient, retry_after_seconds=found.retry_after_seconds)
        error.response = answer
        return error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The library's errors as ours, without their text."""
        try:
            yield
        except requests.Timeout as error:
            raise self._timed_out() from error
        except requests.ConnectionError as error:
            if (deadline.remaining(self._clock) or 1.0) <= 0:  # how the library tells of a body that took too long
                raise self._timed_out() from error
            raise self._failed("could not be reached, or broke off the exchange", transient=True) from error
        except requests.RequestException as error:
            raise self._failed("could not be asked, or answered with something that cannot be read", transient=False) from error

    def _failed(self, words: str, *, transient: bool) -> DependencyFailed:
        return DependencyFailed(self._dependency.name, f"{self._dependency.name} {words}", transient=transient)

    def _timed_out(self) -> TimedOut:
        return TimedOut(self._dependency.name, f"{self._dependency.name} did not answer in time", transient=True)


class GuardedSession(requests.Session):
    """A session for libraries that mount adapters of their own: it goes through the dependency all the same."""

    def __init__(self, adapter: GuardedAdapter) -> None:
        super().__init__()
        self.trust_env = False
        self._guarded = adapter

    def get_adapter(self, url: str | bytes) -> GuardedAdapter:  # noqa: ARG002 - whatever the address
        return self._guarded

    def close(self) -> None:
        super().close()
        self._guarded.close()


def _repeatable(request: requests.PreparedRequest) -> bool:
    """A body that is made while it is sent cannot be sent again."""
    made_before = request.body is None or isinstance(request.body, (bytes, str))
    return made_before and http_semantics.repeatable(request.method or "", request.headers)
