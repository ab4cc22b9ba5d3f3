"""What a type checker sees of calls through a breaker. Never run: both checkers read it, strictly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, assert_type

from backend.resilience.breaker import Breaker
from backend.resilience.calls import Calls, Guard
from backend.resilience.counts import Totals
from backend.resilience.dependency import Dependency
from backend.resilience.fallback import Named, Sourced
from backend.resilience.fleet_view import BreakerView
from backend.resilience.listener import Happened
from backend.resilience.orders import Order, Slot
from backend.resilience.outcome import Classifier, Outcome
from backend.resilience.policy import Policy
from backend.resilience.registry import Registry


def search(text: str, limit: int = 8, *, exact: bool = False) -> list[str]:
    return [text] * limit if exact else []


async def fetch(text: str, *, seconds: float) -> bytes:
    return text.encode() if seconds else b""


def of_error(error: BaseException) -> Outcome:
    return Outcome.OK if isinstance(error, KeyError) else Outcome.BAD


def of_result(result: bytes) -> Outcome:
    return Outcome.OK if result else Outcome.BAD


def decorated(breaker: Breaker) -> None:
    sync = breaker(search)
    assert_type(sync("Oslo"), list[str])
    assert_type(sync("Oslo", limit=3, exact=True), list[str])
    sync(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    sync("Oslo", wide=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    @breaker
    def twice(number: int) -> int:
        return 2 * number

    assert_type(twice(3), int)
    kept: Callable[[int], int] = twice
    assert_type(kept(3), int)


async def decorated_async(breaker: Breaker) -> None:
    later = breaker(fetch)
    assert_type(await later("Oslo", seconds=1.0), bytes)
    await later("Oslo")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    @breaker
    async def doubled(number: int) -> int:
        return 2 * number

    assert_type(await doubled(3), int)


def methods(breaker: Breaker) -> Callable[[], Coroutine[Any, Any, None]]:
    class Places:
        @breaker
        def find(self, text: str) -> list[str]:
            return [text]

        @breaker
        async def find_later(self, text: str, limit: int = 1) -> list[str]:
            return [text] * limit

        @classmethod
        @breaker
        def made(cls, text: str) -> str:
            return text

        @staticmethod
        @breaker
        def folded(text: str) -> str:
            return text.lower()

    async def use() -> None:
        places = Places()
        assert_type(places.find("Oslo"), list[str])
        assert_type(await places.find_later("Oslo", limit=2), list[str])
        assert_type(Places.made("Oslo"), str)
        assert_type(places.made("Oslo"), str)
        assert_type(Places.folded("Oslo"), str)
        places.find(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

    return use


async def called(breaker: Breaker) -> None:
    assert_type(breaker.call(search, "Oslo", limit=2), list[str])
    assert_type(breaker.call(lambda: 7), int)
    assert_type(await breaker.acall(fetch, "Oslo", seconds=1.0), bytes)
    breaker.call(search, 7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await breaker.acall(fetch, "Oslo")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]

    def promised(text: str) -> Awaitable[int]:
        raise NotImplementedError(text)

    assert_type(await breaker.acall(promised, "Oslo"), int)


async def around_a_block(breaker: Breaker) -> None:
    with breaker.guard() as guard:
        assert_type(guard, Guard)
        guard.report(Outcome.BAD)
    async with breaker.guard() as later:
        assert_type(later, Guard)


def returns_from_within(breaker: Breaker) -> int:
    """A guard swallows nothing, so that no checker sees a way out below it."""
    with breaker.guard():
        return 7


async def judged(breaker: Breaker) -> None:
    calls = breaker.with_classifier(Classifier(of_error, of_result))
    assert_type(calls, Calls)
    assert_type(calls.call(search, "Oslo"), list[str])
    assert_type(await calls.acall(fetch, "Oslo", seconds=1.0), bytes)
    assert_type(calls(search)("Oslo"), list[str])
    assert_type(calls.guard(), Guard)


def around(breaker: Breaker, registry: Registry) -> None:
    assert_type(breaker.totals(), Totals)
    assert_type(breaker.view(), BreakerView)
    assert_type(breaker.policy, Policy)
    assert_type(registry.get("key"), Breaker)
    breaker.use(Policy(window="count", window_calls=50))
    breaker.note(Happened.FELL_BACK, "offline index", count=2)
    Policy(window="calls")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def told(slot: Slot, order: Order) -> None:
    raise NotImplementedError(slot, order)


def made(make: Callable[..., Breaker]) -> Registry:
    return Registry(lambda key: make(key, on_order=told), capacity=100)


async def in_a_loop(breaker: Breaker, rows: AsyncIterator[int]) -> int:
    total = 0
    async with breaker.guard():
        async for row in rows:
            total += row
    return total


async def answer(seconds: float) -> bytes:
    return b"answer" if seconds else b""


async def through_a_dependency(mail: Dependency) -> None:
    assert_type(mail.call(lambda seconds: [str(seconds)], idempotent=True), list[str])
    assert_type(await mail.acall(answer, idempotent=False), bytes)
    assert_type(mail.sourced("key", lambda: 1, [Named("other", lambda: 2)], 3), Sourced[int])
    assert_type(await mail.asourced("key", lambda: mail.acall(answer, idempotent=True)), Sourced[bytes])
    await mail.acall(answer)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
