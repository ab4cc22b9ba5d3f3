"""Callers of the API: many at once, each answer kept with the time it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx


@dataclass(frozen=True)
class Answered:
    """One answer: when it was asked for (monotonic), seconds taken, status (0: none came), document."""

    asked: float
    seconds: float
    status: int
    document: Any

    @property
    def degraded(self) -> bool:
        return isinstance(self.document, dict) and bool(self.document.get("degraded"))


class Callers:
    """``count`` threads that ask for place after place, one request each at a time, until the block ends."""

    def __init__(self, api: str, key: str, names: Iterator[str], count: int = 8, pause_seconds: float = 0.0) -> None:
        self.answers: list[Answered] = []
        self._client = httpx.Client(base_url=api, headers={"authorization": f"Bearer {key}"}, timeout=20.0)
        self._names = names
        self._lock = threading.Lock()
        self._pause = pause_seconds
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(30)
        self._client.close()

    def _ask(self) -> None:
        while not self._ended.wait(self._pause):
            with self._lock:
                name = next(self._names)
            began = time.monotonic()
            try:
                answer = self._client.get("/v1/places", params={"q": name})
                one = Answered(began, time.monotonic() - began, answer.status_code, answer.json())
            except httpx.HTTPError:
                one = Answered(began, time.monotonic() - began, 0, None)
            self.answers.append(one)


def quantile(seconds: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]
