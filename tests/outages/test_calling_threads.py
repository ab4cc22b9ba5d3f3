"""Bulkhead and hedge with real threads and real time: small figures beside those of the simulations."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random

from backend.clock import SystemClock
from backend.errors import ServiceError
from backend.resilience.budget import Budget, BudgetPolicy
from backend.resilience.bulkhead import Bulkhead, BulkheadPolicy
from backend.resilience.hedge import Hedge, HedgePolicy
from tests.support.servers_in_time import share_of
from tests.unit.resilience.noted import Noted

CLOCK = SystemClock()
NOISE_SECONDS = 0.01  # what a busy machine adds to a wait


class Server:
    """So many calls at a time, the rest in line."""

    def __init__(self, places: int, seconds: Callable[[], float]) -> None:
        self._places = threading.Semaphore(places)
        self._seconds = seconds
        self._lock = threading.Lock()
        self.calls = 0

    def answer(self) -> str:
        with self._lock:
            self.calls += 1
            seconds = self._seconds()
        with self._places:
            time.sleep(seconds)
        return "answer"


def offered(per_second: float, count: int, ask: Callable[[], object], threads: int = 64) -> list[float]:
    """Asked at an even pace, whatever becomes of the questions before; the durations of what was answered, by start."""

    def one() -> float | None:
        began = time.monotonic()
        try:
            ask()
        except ServiceError:
            return None
        return time.monotonic() - began

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        futures = []
        for number in range(count):
            time.sleep(max(0.0, began + number / per_second - time.monotonic()))
            futures.append(pool.submit(one))
    return [took for future in futures if (took := future.result()) is not None]


def test_threads_behind_a_bulkhead_wait_at_most_twice_as_long_at_three_times_the_load() -> None:
    base, places = 0.05, 4
    server = Server(places, lambda: base)
    bulkhead = Bulkhead("geocoder", BulkheadPolicy(), CLOCK, Noted())
    served = offered(3 * places / base, 480, lambda: bulkhead.call(server.answer))
    settled = served[len(served) // 3 :]
    print(f"\nbulkhead, threads: p95 {share_of(settled, 0.95) / base:.2f} x base, limit {bulkhead.view().limit} for {places} places")
    assert share_of(settled, 0.95) <= 2 * base + NOISE_SECONDS
    assert bulkhead.view().in_flight == 0


def test_threads_that_hedge_wait_half_as_long_at_worst() -> None:
    def slow_now_and_then(seed: int) -> Server:
        random = Random(seed)
        return Server(64, lambda: 0.6 if random.random() < 0.025 else 0.01)

    bare, asked = slow_now_and_then(3), slow_now_and_then(3)
    hedge = Hedge(HedgePolicy(enabled=True, delay_seconds=0.1), CLOCK, Budget(BudgetPolicy(), CLOCK), Noted())
    without = offered(250, 400, bare.answer, 16)
    hedged = offered(250, 400, lambda: hedge.call(asked.answer, idempotent=True), 16)
    hedge.close()
    more = asked.calls / 400 - 1
    print(f"\nhedge, threads: p99 {share_of(without, 0.99) * 1000:.0f} -> {share_of(hedged, 0.99) * 1000:.0f} ms, {more:.1%} more load")
    assert share_of(hedged, 0.99) <= 0.5 * share_of(without, 0.99)
    assert more <= 0.05
