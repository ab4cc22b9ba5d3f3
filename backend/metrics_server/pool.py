"""Processes that answer, a bounded number at a time: what ends one of them costs its own question and no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from backend.errors import QueryProblem
from backend.metrics_server.questions import Question, Said
from backend.telemetry.logging import log

LOG = log(__name__)
GRACE_SECONDS = 1.5  # for what cannot be interrupted between two looks at the clock
MOST_PEAK = 400_000_000  # bytes: a process that once held more is replaced by a smaller one


class Answerer(Protocol):
    """One process. ``ask`` raises OSError or EOFError (IncompleteReadError is one) when it ends instead of answering."""

    @property
    def is_alive(self) -> bool: ...

    async def ask(self, question: Question) -> Said: ...

    async def end(self) -> None: ...


@dataclass
class Counts:
    """What became of the questions since the start; ``running`` and ``waiting`` are now."""

    running: int = 0
    waiting: int = 0
    refused: int = 0
    killed: int = 0
    crashed: int = 0


@dataclass(frozen=True)
class Bounds:
    """``most`` questions at a time, ``waiting`` more in line, each for ``wait_seconds`` at most."""

    most: int = 4
    waiting: int = 16
    wait_seconds: float = 5.0


@dataclass
class Pool:
    """Starts processes as they are needed and keeps them; used from one event loop."""

    start: Callable[[], Awaitable[Answerer]]
    bounds: Bounds = field(default_factory=Bounds)
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        self._idle: list[Answerer] = []
        self._coming: asyncio.Task[None] | None = None
        self._failed = 0  # times that none came up
        self._changed = asyncio.Event()  # one became idle, or did not come up
        self._places = asyncio.Semaphore(self.bounds.most)

    async def prepare(self) -> None:
        """Have one process ready, so that the first question does not wait for it."""
        self._idle.append(await self.start())

    async def ask(self, question: Question, seconds: float) -> Said:
        """QueryProblem('unavailable') when too many are waiting, 'timeout' when it took longer than ``seconds``, 'execution' when the
        process ended over it."""
        async with self._place():
            answerer = await self._taken()
            try:
                async with asyncio.timeout(seconds + GRACE_SECONDS):
                    said = await answerer.ask(question)
            except TimeoutError:
                self.counts.killed += 1
                LOG.warning("metrics_question_killed", kind=type(question).__name__)
                await answerer.end()
                raise QueryProblem("timeout", f"the query took longer than {seconds:g} s") from None
            except (EOFError, OSError):
                self.counts.crashed += 1
                LOG.warning("metrics_process_died", kind=type(question).__name__)
                await answerer.end()
                raise QueryProblem("execution", "the query ended the process that evaluated it") from None
            except BaseException:
                await answerer.end()
                raise
            await self._keep(answerer, said.peak)
            return said

    async def close(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})
        while self._idle:
            await self._idle.pop().end()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        self.counts.running += 1
        try:
            yield
        finally:
            self.counts.running -= 1
            self._places.release()

    async def _wait(self) -> None:
        if self.counts.waiting >= self.bounds.waiting:
            self.counts.refused += 1
            raise QueryProblem("unavailable", "too many queries are waiting")
        self.counts.waiting += 1
        try:
            async with asyncio.timeout(self.bounds.wait_seconds):
                await self._places.acquire()
        except TimeoutError:
            self.counts.refused += 1
            raise QueryProblem("unavailable", f"the query waited {self.bounds.wait_seconds:g} s for others to end") from None
        finally:
            self.counts.waiting -= 1

    async def _taken(self) -> Answerer:
        """An idle one; else whichever is free first, of those at work and of one more that comes up: one at a time, as each takes a
        second of a processor."""
        failed = self._failed
        while (answerer := await self._alive()) is None:
            if self._failed > failed:
                raise QueryProblem("unavailable", "no process could be started to answer")
            if self._coming is None or self._coming.done():
                self._coming = asyncio.create_task(self._come_up())
            self._changed.clear()
            await self._changed.wait()
        return answerer

    async def _alive(self) -> Answerer | None:
        while self._idle:
            answerer = self._idle.pop()
            if answerer.is_alive:
                return answerer
            await answerer.end()
        return None

    async def _come_up(self) -> None:
        try:
            self._idle.append(await self.start())
        except Exception as error:  # noqa: BLE001 - whatever it is, the questions that wait for it must hear that none came
            LOG.warning("metrics_process_not_started", error=type(error).__name__)
            self._failed += 1
        self._changed.set()

    async def _keep(self, answerer: Answerer, peak: int) -> None:
        if peak > MOST_PEAK:
            await answerer.end()
        else:
            self._idle.append(answerer)
            self._changed.set()
