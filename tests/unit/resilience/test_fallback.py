"""The chain of lesser ways: each source is reached, and says what it is."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import CircuitOpen, DeadlineExceeded, DependencyFailed, InvalidRequest, ServiceError, StorageUnavailable
from backend.resilience.fallback import Fallback, FallbackPolicy, Named
from backend.resilience.kept import AnswerCache
from tests.support.clock import ManualClock
from tests.unit.resilience.noted import Noted

POLICY = FallbackPolicy(fresh_seconds=5, stale_seconds=60, entries=3)


class Source:
    """Gives its answer, or raises its trouble."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.trouble: ServiceError | None = None
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.trouble:
            raise self.trouble
        return self.answer


@pytest.fixture
def noted() -> Noted:
    return Noted()


@pytest.fixture
def chain(clock: ManualClock, noted: Noted) -> Fallback:
    return Fallback(POLICY, clock, noted)


def test_one_story_reaches_every_source(chain: Fallback, clock: ManualClock, noted: Noted) -> None:
    primary, index = Source("from the geocoder"), Source("from the index")

    def ask() -> tuple[str, bool, float, str | None]:
        found = chain.call("munich", primary, [Named("offline index", index)], "nowhere")
        return found.source, found.degraded, found.age_seconds, found.why.code if found.why else None

    assert ask() == ("primary", False, 0.0, None)
    clock.advance(4)
    assert ask() == ("fresh cache", False, 4.0, None)
    clock.advance(4)
    primary.trouble = CircuitOpen("geocoder")
    assert ask() == ("stale cache", True, 8.0, "circuit_open")
    clock.advance(60)
    assert ask() == ("offline index", True, 0.0, "circuit_open")
    index.trouble = StorageUnavailable("places")
    assert ask() == ("default", True, 0.0, "circuit_open")
    primary.trouble = None
    assert ask() == ("primary", False, 0.0, None)  # and nothing lesser was kept meanwhile
    assert chain.sources() == {"primary": 2, "fresh cache": 1, "stale cache": 1, "offline index": 1, "default": 1}
    assert noted.told == [("fell_back", "stale cache"), ("fell_back", "offline index"), ("fell_back", "default")]


@pytest.mark.parametrize(
    "trouble", [CircuitOpen("geocoder"), DeadlineExceeded("late"), DependencyFailed("geocoder", "500", transient=True)]
)
def test_without_any_other_way_the_callers_error_is_the_calls_own(chain: Fallback, trouble: ServiceError) -> None:
    primary = Source("")
    primary.trouble = trouble
    with pytest.raises(type(trouble)) as failure:
        chain.call("munich", primary)
    assert failure.value is trouble


def test_a_callers_mistake_is_not_hidden(chain: Fallback) -> None:
    primary = Source("")
    primary.trouble = InvalidRequest.of("place", "missing", "a place needs a name")
    with pytest.raises(InvalidRequest):
        chain.call("munich", primary, [Named("offline index", Source("lesser"))], "default")


def test_no_cache_at_all_is_a_policy_too(clock: ManualClock, noted: Noted) -> None:
    chain, primary = Fallback(FallbackPolicy(0, 0), clock, noted), Source("full")
    chain.call("munich", primary)
    chain.call("munich", primary)
    assert primary.calls == 2
    primary.trouble = CircuitOpen("geocoder")
    with pytest.raises(CircuitOpen):
        chain.call("munich", primary)


def test_other_figures_hold_at_once(chain: Fallback, clock: ManualClock) -> None:
    primary = Source("full")
    chain.call("munich", primary)
    chain.use(FallbackPolicy(fresh_seconds=0))
    assert chain.call("munich", primary).source == "primary"


def test_a_coroutine_goes_the_same_way(chain: Fallback, clock: ManualClock) -> None:
    primary = Source("full")

    async def awaited() -> str:
        return primary()

    async def main() -> list[str]:
        sources = [(await chain.acall("munich", awaited)).source for _ in range(2)]
        clock.advance(6)
        primary.trouble = CircuitOpen("geocoder")
        return [*sources, (await chain.acall("munich", awaited)).source]

    assert asyncio.run(main()) == ["primary", "fresh cache", "stale cache"]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["put", "get", "advance", "resize"]), st.integers(0, 9)), max_size=80))
def test_the_cache_keeps_its_bound_and_returns_what_was_put_last(steps: list[tuple[str, int]]) -> None:
    clock, size, number = ManualClock(), 4, 0
    cache: AnswerCache[int] = AnswerCache(size, clock)
    put: dict[int, tuple[int, float]] = {}
    for step, figure in steps:
        match step:
            case "put":
                number += 1
                cache.put(figure, number)
                put[figure] = (number, clock.monotonic())
            case "get":
                found = cache.get(figure, 3.0)
                if found is not None:
                    assert found.value == put[figure][0]
                    assert found.age_seconds == pytest.approx(clock.monotonic() - put[figure][1]) and found.age_seconds < 3
            case "advance":
                clock.advance(figure)
            case "resize":
                size = figure + 1
                cache.resize(size)
        assert len(cache) <= size


def test_the_least_recently_used_answer_goes_first(clock: ManualClock) -> None:
    cache: AnswerCache[str] = AnswerCache(2, clock)
    cache.put("a", "A")
    cache.put("b", "B")
    cache.get("a", 1.0)
    cache.put("c", "C")
    assert [cache.get(key, 1.0) is not None for key in "abc"] == [True, False, True]
