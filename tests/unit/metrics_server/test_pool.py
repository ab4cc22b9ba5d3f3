"""Processes that answer: how many at a time, how long others wait, and what one that dies or hangs costs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from backend.errors import QueryProblem
from backend.metrics_server import pool as pools
from backend.metrics_server.pool import Bounds, Pool
from backend.metrics_server.questions import Formatted, Question, Said

ASKED = Formatted("up")
FINE = Said(200, b"{}")


class Fake:
    """A process that does as it is told."""

    def __init__(self, behave: Callable[[], Awaitable[Said]]) -> None:
        self.behave = behave
        self.is_alive = True
        self.ended = False

    async def ask(self, question: Question) -> Said:
        return await self.behave()

    async def end(self) -> None:
        self.ended, self.is_alive = True, False


class Started:
    """What a pool started, in order."""

    def __init__(self, behave: Callable[[], Awaitable[Said]]) -> None:
        self.behave = behave
        self.all: list[Fake] = []

    async def __call__(self) -> Fake:
        self.all.append(Fake(self.behave))
        return self.all[-1]


async def fine() -> Said:
    return FINE


async def for_ever() -> Said:
    await asyncio.Event().wait()
    return FINE


async def dies() -> Said:
    raise asyncio.IncompleteReadError(b"", 4)


def run(act: Callable[[], Awaitable[Any]]) -> Any:
    return asyncio.run(act())  # type: ignore[arg-type]


def test_a_process_is_kept_for_the_next_question() -> None:
    async def act() -> None:
        started = Started(fine)
        pool = Pool(started)
        await pool.prepare()
        assert [await pool.ask(ASKED, 1) for _ in range(3)] == [FINE] * 3
        assert len(started.all) == 1
        await pool.close()
        assert started.all[0].ended

    run(act)


def test_one_that_dies_costs_its_own_question_alone() -> None:
    async def act() -> None:
        started = Started(dies)
        pool = Pool(started)
        with pytest.raises(QueryProblem, match="ended the process") as problem:
            await pool.ask(ASKED, 1)
        assert (problem.value.kind, pool.counts.crashed, pool.counts.running) == ("execution", 1, 0)
        started.behave = fine
        assert await pool.ask(ASKED, 1) == FINE
        assert [one.ended for one in started.all] == [True, False]

    run(act)


def test_one_that_died_while_idle_costs_nothing() -> None:
    async def act() -> None:
        started = Started(fine)
        pool = Pool(started)
        await pool.ask(ASKED, 1)
        started.all[0].is_alive = False
        assert await pool.ask(ASKED, 1) == FINE
        assert len(started.all) == 2

    run(act)


def test_one_that_hangs_is_ended_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "GRACE_SECONDS", 0.0)

    async def act() -> None:
        started = Started(for_ever)
        pool = Pool(started)
        with pytest.raises(QueryProblem, match=r"longer than 0\.01 s") as problem:
            await pool.ask(ASKED, 0.01)
        assert (problem.value.kind, pool.counts.killed, started.all[0].ended) == ("timeout", 1, True)

    run(act)


def test_one_that_has_held_much_memory_is_replaced() -> None:
    async def act() -> None:
        started = Started(fine)
        pool = Pool(started)

        async def large() -> Said:
            return FINE._replace(peak=pools.MOST_PEAK + 1)

        started.behave = large
        await pool.ask(ASKED, 1)
        assert started.all[0].ended

    run(act)


def test_beyond_the_bounds_questions_wait_and_beyond_the_line_they_are_refused() -> None:
    async def act() -> None:
        go = asyncio.Event()

        async def waits() -> Said:
            await go.wait()
            return FINE

        pool = Pool(Started(waits), Bounds(most=2, waiting=1, wait_seconds=5))
        asked = [asyncio.create_task(pool.ask(ASKED, 5)) for _ in range(3)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (pool.counts.running, pool.counts.waiting) == (2, 1)
        with pytest.raises(QueryProblem, match="too many") as problem:
            await pool.ask(ASKED, 5)
        assert problem.value.kind == "unavailable"
        go.set()
        assert await asyncio.gather(*asked) == [FINE] * 3
        assert (pool.counts.running, pool.counts.waiting, pool.counts.refused) == (0, 0, 1)

    run(act)


def test_while_another_process_comes_up_the_first_that_is_free_answers() -> None:
    async def act() -> None:
        go, come = asyncio.Event(), asyncio.Event()

        async def waits() -> Said:
            await go.wait()
            return FINE

        started = Started(waits)

        async def start() -> Fake:
            if started.all:
                await come.wait()
            return await started()

        pool = Pool(start)
        await pool.prepare()
        asked = [asyncio.create_task(pool.ask(ASKED, 5)) for _ in range(3)]
        await asyncio.sleep(0)
        go.set()
        assert await asyncio.wait_for(asyncio.gather(*asked), 5) == [FINE] * 3
        assert len(started.all) == 1
        come.set()
        await asyncio.sleep(0)
        await pool.close()
        assert all(one.ended for one in started.all)

    run(act)


def test_who_waits_too_long_is_refused() -> None:
    async def act() -> None:
        pool = Pool(Started(for_ever), Bounds(most=1, waiting=5, wait_seconds=0.01))
        busy = asyncio.create_task(pool.ask(ASKED, 5))
        await asyncio.sleep(0)
        with pytest.raises(QueryProblem, match="waited"):
            await pool.ask(ASKED, 5)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
        assert pool.counts.running == 0

    run(act)


def test_where_no_process_comes_up_the_question_is_refused() -> None:
    async def act() -> None:
        async def start() -> Fake:
            raise TimeoutError

        pool = Pool(start)
        with pytest.raises(QueryProblem, match="could be started") as problem:
            await pool.ask(ASKED, 1)
        assert (problem.value.kind, pool.counts.running) == ("unavailable", 0)

    run(act)
