"""The bytes of a breaker: in a process that is asked for ten thousand keys, and in the store at rest."""

from __future__ import annotations

import gc
import random
import tracemalloc
from typing import Any

from backend.clock import SystemClock
from backend.resilience.breaker import Breaker
from backend.resilience.policy import Policy
from backend.resilience.registry import Registry
from backend.storage.shared import SharedState
from benchmarks.circuits.subjects import NAME, Ours, answer

Figures = tuple[dict[str, Any], dict[str, Any]]
_KEYS, _CAPACITY = 10_000, 1_000


def of_breakers() -> Figures:
    """Ten thousand keys through a registry of a thousand, each called once: bytes a kept breaker takes, and how many are kept."""
    clock = SystemClock()
    registry = Registry(lambda key: Breaker(key, Policy(), clock, random.random), _CAPACITY)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(_KEYS):
        registry.get(f"key-{number}").call(answer)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = registry.view().size
    return {"breaker_bytes": round((after - before) / kept), "breakers_kept": kept}, {"registry": {"keys": _KEYS, "capacity": _CAPACITY}}


def in_store(url: str) -> Figures:
    """All keys of one circuit after a process counted calls in it and went."""
    shared = SharedState(url)
    shared.client.flushall()
    with Ours.running(url) as ours:
        for _ in range(100):
            ours.breaker.call(answer)
    keys = {key: int(shared.client.memory_usage(key, samples=0)) for key in shared.client.scan_iter(match=f"*:{NAME}:*")}
    shared.close()
    return {"store_bytes": sum(keys.values())}, {"store_bytes_by_key": {key.rpartition(":")[2]: size for key, size in sorted(keys.items())}}
