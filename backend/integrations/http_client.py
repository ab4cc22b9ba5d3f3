"""Every outbound HTTP call: no redirects, no proxy from the environment, a cap on size and on time. The only door to httpx."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline
from backend.resilience.deadline import TimedOut
from backend.resilience.outcome import Outcome, outcome_of
from backend.resilience.pipeline import Pipeline

LARGEST_BODY = 2_000_000
AGENT = "astrolabe"


@dataclass(frozen=True)
class Fetched:
    """An answer, whatever its status; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetch(Protocol):
    """One exchange with a whole time limit in seconds; DependencyFailed when there was no answer."""

    def __call__(
        self, method: str, url: str, *, seconds: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Fetched: ...


class Fetcher:
    """The plain exchange, without retry or breaker, over kept connections; for our own processes, and under HttpClient."""

    def __init__(self, name: str, clock: Clock, *, largest_body: int = LARGEST_BODY, connections: int = 16) -> None:
        self._name = name
        self._clock = clock
        self._largest_body = largest_body
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30)
        self._client = httpx.Client(trust_env=False, follow_redirects=False, limits=limits, headers={"user-agent": AGENT})

    def __call__(
        self, method: str, url: str, *, seconds: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Fetched:
        ends = self._clock.monotonic() + seconds
        with self._translated(), self._client.stream(method, url, headers=headers, content=body, timeout=seconds) as response:
            return Fetched(response.status_code, dict(response.headers), self._read(response, ends))

    def close(self) -> None:
        self._client.close()

    def _read(self, response: httpx.Response, ends: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._largest_body:
                raise DependencyFailed(self._name, f"{self._name} answered with more than {self._largest_body} bytes", transient=False)
            if self._clock.monotonic() > ends:
                raise _timed_out(self._name)
            parts.append(part)
        return b"".join(parts)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """The library's errors as ours, without their text, which may carry the address with what was asked."""
        try:
            yield
        except httpx.TimeoutException as error:
            raise _timed_out(self._name) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            words = "could not be reached" if isinstance(error, httpx.ConnectError) else "broke off the exchange"
            raise DependencyFailed(self._name, f"{self._name} {words}", transient=True) from error


class BadStatus(DependencyFailed):
    """The server answered, but not with what was asked for."""

    def __init__(self, dependency: str, status: int, *, transient: bool, retry_after_seconds: float | None) -> None:
        detail = f"{dependency} answered with status {status}"
        super().__init__(dependency, detail, transient=transient, retry_after_seconds=retry_after_seconds)
        self.status = status


class HttpClient:
    """JSON from one server, through the whole pipeline."""

    def __init__(self, name: str, base_url: str, pipeline: Pipeline, fetch: Fetch, clock: Clock) -> None:
        self._name = name
        self._base_url = base_url.rstrip("/")
        self._pipeline = pipeline
        self._fetch = fetch
        self._clock = clock

    def get_json(self, path: str, params: Mapping[str, str | int]) -> Any:
        """The document at ``path``; CallRefused, DeadlineExceeded or DependencyFailed when there is none."""
        url = f"{self._base_url}{path}?{httpx.QueryParams(dict(params))}"
        return self._pipeline.call(lambda seconds: self._attempt(url, seconds), _outcome)

    def _attempt(self, url: str, seconds: float) -> Any:
        headers = {"accept": "application/json", deadline.HEADER: str(max(1, math.floor(seconds * 1000)))}
        fetched = self._fetch("GET", url, seconds=seconds, headers=headers)
        if fetched.status != 200:
            raise self._unusable(fetched)
        try:
            return json.loads(fetched.body)
        except (ValueError, RecursionError) as error:
            raise DependencyFailed(self._name, f"{self._name} answered with something that is not JSON", transient=False) from error

    def _unusable(self, fetched: Fetched) -> BadStatus:
        busy = fetched.status in (429, 503)
        retry_after = self._retry_after(fetched.headers.get("retry-after")) if busy else None
        return BadStatus(self._name, fetched.status, transient=busy or fetched.status >= 500, retry_after_seconds=retry_after)

    def _retry_after(self, text: str | None) -> float | None:
        """Seconds from now, of either form in RFC 9110 section 10.2.3; None for the past and for nonsense."""
        if text is None:
            return None
        if text.strip().isascii() and text.strip().isdigit():
            return float(text)
        try:
            seconds = (parsedate_to_datetime(text) - self._clock.now()).total_seconds()
        except (ValueError, TypeError):
            return None
        return seconds if seconds > 0 else None


def _outcome(error: BaseException) -> Outcome:
    """A status below 500 shows a server that works: 'slow down' and 'not found' are answers."""
    return Outcome.OK if isinstance(error, BadStatus) and error.status < 500 else outcome_of(error)


def _timed_out(name: str) -> TimedOut:
    return TimedOut(name, f"{name} did not answer in time", transient=True)
