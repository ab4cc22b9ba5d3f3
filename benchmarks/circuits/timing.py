"""What one call costs, subject beside subject: short interleaved rounds on the calling thread's own CPU clock.

The thread's clock leaves out what other processes and threads took meanwhile, so that a busy machine changes a figure little;
the interleaving gives what remains to all subjects alike.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import repeat
from statistics import median
from time import perf_counter_ns, thread_time_ns

Rounds = dict[str, list[float]]


def interleaved(subjects: Mapping[str, Callable[[], object]], rounds: int, seconds: float = 0.01) -> Rounds:
    """Nanoseconds per call of each subject in each round; ``seconds`` is how long one subject's round takes."""
    counts = {name: _count(function, seconds) for name, function in subjects.items()}
    taken: Rounds = {name: [] for name in subjects}
    with _no_collections():
        for _ in range(rounds):
            for name, function in subjects.items():
                taken[name].append(_loop(function, counts[name]))
    return taken


def interleaved_async(subjects: Mapping[str, Callable[[], Awaitable[object]]], rounds: int, seconds: float = 0.01) -> Rounds:
    """The same for coroutine functions, in one event loop."""

    async def measure() -> Rounds:
        counts = {name: max(1, int(seconds * 1e9 / await _async_loop(function, 200))) for name, function in subjects.items()}
        taken: Rounds = {name: [] for name in subjects}
        for _ in range(rounds):
            for name, function in subjects.items():
                taken[name].append(await _async_loop(function, counts[name]))
        return taken

    with _no_collections():
        return asyncio.run(measure())


def added(rounds: Rounds, name: str, floor: str = "bare") -> float:
    """Microseconds that a call costs beyond the floor."""
    return median(ours - bare for ours, bare in zip(rounds[name], rounds[floor], strict=True)) / 1000


def added_ratio(rounds: Rounds, name: str, peer: str, floor: str = "bare") -> float:
    """What one adds to a call over what the other adds, round by round."""
    rows = zip(rounds[name], rounds[peer], rounds[floor], strict=True)
    return median((ours - bare) / (theirs - bare) for ours, theirs, bare in rows)


def best(rounds: Rounds, prefix: str) -> str:
    """The cheapest of the subjects whose name begins so: a peer is measured at its best."""
    return min((name for name in rounds if name.startswith(prefix)), key=lambda name: median(rounds[name]))


def _count(function: Callable[[], object], seconds: float) -> int:
    return max(1, int(seconds * 1e9 / max(1.0, _loop(function, 200))))


def _loop(function: Callable[[], object], count: int) -> float:
    began = thread_time_ns()
    for _ in repeat(None, count):
        function()
    return (thread_time_ns() - began) / count


async def _async_loop(function: Callable[[], Awaitable[object]], count: int) -> float:
    began = thread_time_ns()
    for _ in repeat(None, count):
        await function()
    return (thread_time_ns() - began) / count


@contextmanager
def _no_collections() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def interleaved_wall(subjects: Mapping[str, Callable[[], object]], rounds: int) -> Rounds:
    """Nanoseconds of single calls by the wall clock: for what waits for another process."""
    taken: Rounds = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, function in subjects.items():
            began = perf_counter_ns()
            function()
            taken[name].append(perf_counter_ns() - began)
    return taken
