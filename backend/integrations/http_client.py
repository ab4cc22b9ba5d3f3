"""Outbound HTTP: no redirects, no proxy from the environment, a cap on size and on time; JSON from others through their dependency."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Protocol

import httpx

from backend.clock import Clock
from backend.errors import DependencyFailed
from backend.resilience import deadline
from backend.resilience.dependency import Dependency
from backend.resilience.http_semantics import BadStatus, bad_status
from backend.resilience.httpx_transport import LARGEST_BODY, GuardedTransport, Limit
from backend.resilience.punctual_transport import PunctualTransport

__all__ = ["BadStatus", "Fetch", "Fetched", "Fetcher", "HttpClient"]

AGENT = "astrolabe"
_DOCUMENT = "document"  # of an answer that was read already


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
    """The plain exchange between our own processes, over kept connections: the asker has a way of its own to do without an answer."""

    def __init__(self, name: str, clock: Clock, *, largest_body: int = LARGEST_BODY, connections: int = 16) -> None:
        self._clock = clock
        self._limit = Limit(name, clock, largest_body)
        transport = PunctualTransport(clock, connections=connections)
        self._client = httpx.Client(trust_env=False, follow_redirects=False, transport=transport, headers={"user-agent": AGENT})

    def __call__(
        self, method: str, url: str, *, seconds: float, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Fetched:
        asking = self._client.stream(method, url, headers=headers, content=body, timeout=seconds)
        with deadline.within(seconds, self._clock), self._limit.translated(), asking as response:
            answer = self._limit.read(response)
        return Fetched(answer.status_code, dict(answer.headers), answer.content)

    def close(self) -> None:
        self._client.close()


class HttpClient:
    """JSON from one server that is not ours, through the whole of its dependency; ``headers`` go with each request."""

    def __init__(
        self,
        base_url: str,
        dependency: Dependency,
        clock: Clock,
        *,
        largest_body: int = LARGEST_BODY,
        connections: int = 64,
        headers: Mapping[str, str] | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._name = dependency.name
        self._base_url = base_url.rstrip("/")
        self._clock = clock
        inner = PunctualTransport(clock, connections=connections, tls=tls)
        transport = GuardedTransport(inner, dependency, clock, largest_body=largest_body, check=self._read_document)
        told = {"user-agent": AGENT, "accept": "application/json", **(headers or {})}
        self._client = httpx.Client(trust_env=False, follow_redirects=False, transport=transport, headers=told)

    def get_json(self, path: str, params: Mapping[str, str | int]) -> Any:
        """The document at ``path``; CallRefused, DeadlineExceeded or DependencyFailed when there is none."""
        response = self._client.get(f"{self._base_url}{path}", params=dict(params))
        if response.status_code != 200:
            raise bad_status(self._name, response.status_code, response.headers.get("retry-after"), self._clock.now())
        return response.extensions[_DOCUMENT]

    def close(self) -> None:
        self._client.close()

    def _read_document(self, response: httpx.Response) -> None:
        """Within the attempt, so that nonsense counts as a failure of the server."""
        if response.status_code != 200:
            return
        try:
            response.extensions[_DOCUMENT] = json.loads(response.content)
        except (ValueError, RecursionError) as error:
            raise DependencyFailed(self._name, f"{self._name} answered with something that is not JSON", transient=False) from error
