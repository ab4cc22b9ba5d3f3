"""What the product adds to a call, beside what the peers add: closed, refused, retried, and by eight threads at once."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import tenacity

from backend.clock import SystemClock
from backend.errors import CircuitOpen, DependencyFailed
from backend.resilience.breaker import Breaker
from backend.resilience.budget import Budget, BudgetPolicy
from backend.resilience.policy import Policy
from backend.resilience.retry import Retry, RetryPolicy
from benchmarks.circuits.subjects import Ours, answer, answer_later, interlock_breaker, pybreaker_in_memory, pybreaker_on
from benchmarks.circuits.timing import added, added_ratio, best, interleaved, interleaved_async
from benchmarks.peers.environment import Missing

Figures = tuple[dict[str, Any], dict[str, Any]]


def closed(url: str, rounds: int) -> Figures:
    """A successful call through a closed breaker of the fleet, sync."""
    with Ours.running(url) as ours:
        subjects: dict[str, Callable[[], object]] = {"bare": answer, "ours call": partial(ours.breaker.call, answer)}
        subjects["ours decorated"] = ours.breaker(answer)
        why = _add_peers(subjects, url)
        taken = interleaved(subjects, rounds)
    raw = {f"{name.replace(' ', '_')}_added_us": round(added(taken, name), 3) for name in subjects if name != "bare"}
    if why:
        return {"closed_over_interlock": None, "closed_over_pybreaker": None}, raw | {"peers_why": why}
    ours_best, theirs = best(taken, "ours"), best(taken, "interlock")
    ratios = {
        "closed_over_interlock": round(added_ratio(taken, ours_best, theirs), 3),
        "closed_over_pybreaker": round(added_ratio(taken, ours_best, "pybreaker memory"), 3),
        "closed_over_pybreaker_redis": round(added_ratio(taken, ours_best, "pybreaker redis"), 4),
    }
    return ratios, raw | {"interlock_best": theirs, "ours_best": ours_best}


def _add_peers(subjects: dict[str, Callable[[], object]], url: str) -> str:
    try:
        for window in ("COUNT_BASED", "TIME_BASED"):
            breaker = interlock_breaker(url, f"sync-{window.lower()}", window)
            subjects[f"interlock {window.lower()} call"] = partial(breaker.call, answer)
            subjects[f"interlock {window.lower()} decorated"] = breaker(answer)
        subjects["pybreaker memory"] = partial(pybreaker_in_memory().call, answer)
        subjects["pybreaker redis"] = partial(pybreaker_on(url).call, answer)
    except Missing as missing:
        return str(missing)
    return ""


def closed_async(url: str, rounds: int) -> Figures:
    """The same for a coroutine function."""
    with Ours.running(url) as ours:
        subjects: dict[str, Callable[[], Awaitable[object]]] = {"bare": answer_later}
        subjects["ours acall"] = partial(ours.breaker.acall, answer_later)
        subjects["ours decorated"] = ours.breaker(answer_later)
        try:
            for window in ("COUNT_BASED", "TIME_BASED"):
                breaker = interlock_breaker(url, f"async-{window.lower()}", window, asynchronous=True)
                subjects[f"interlock {window.lower()} decorated"] = breaker(answer_later)
        except Missing as missing:
            taken = interleaved_async(subjects, rounds)
            raw = {"async_added_us": round(added(taken, best(taken, "ours")), 3), "async_peers_why": str(missing)}
            return {"closed_async_over_interlock": None}, raw
        taken = interleaved_async(subjects, rounds)
    raw = {f"async_{name.replace(' ', '_')}_added_us": round(added(taken, name), 3) for name in subjects if name != "bare"}
    return {"closed_async_over_interlock": round(added_ratio(taken, best(taken, "ours"), best(taken, "interlock")), 3)}, raw


def rejection(rounds: int) -> Figures:
    """A refused call, with the raising and catching of its error."""
    clock = SystemClock()
    breaker = Breaker("dead", Policy(minimum_calls=1, wait_seconds=3600.0, longest_wait_seconds=3600.0), clock, random.random)
    _trip(breaker)
    subjects: dict[str, Callable[[], object]] = {"bare": _nothing, "ours": partial(_refused, breaker.call, CircuitOpen)}
    why = ""
    try:
        subjects["interlock"] = _interlock_refusal()
    except Missing as missing:
        why = str(missing)
    taken = interleaved(subjects, rounds)
    raw: dict[str, Any] = {f"rejection_{name}_us": round(added(taken, name), 3) for name in subjects if name != "bare"}
    raw |= {"rejection_peer_why": why} if why else {}
    ratio = None if why else round(added_ratio(taken, "ours", "interlock"), 3)
    return {"rejection_us": raw["rejection_ours_us"], "rejection_over_interlock": ratio}, raw


def _interlock_refusal() -> Callable[[], object]:
    from benchmarks.peers.environment import peer

    interlock = peer("interlock")
    breaker = interlock.CircuitBreaker(name="forced")
    breaker.force_open()
    return partial(_refused, breaker.call, interlock.CircuitOpenError)


def _nothing() -> None:
    pass


def _refused(call: Callable[..., object], refusal: type[Exception]) -> None:
    try:  # noqa: SIM105 - suppress() costs as much as what is measured
        call(answer)
    except refusal:
        pass


def _trip(breaker: Breaker) -> None:
    with suppress(DependencyFailed):
        breaker.call(_fail)


def _fail() -> int:
    raise DependencyFailed("dead", "it is dead", transient=True)


def retried(rounds: int) -> Figures:
    """A call that succeeds at once under our retry, its budget paid into, over tenacity alone."""
    clock = SystemClock()
    budget = Budget(BudgetPolicy(), clock)
    retry = Retry(RetryPolicy(attempts=3), clock, random.random, budget=budget)

    def ours() -> int:
        budget.started()
        return retry.call(answer)

    alone = tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_random_exponential(max=1), reraise=True)(answer)
    taken = interleaved({"bare": answer, "ours": ours, "tenacity": alone}, rounds)
    raw = {f"retry_{name}_added_us": round(added(taken, name), 2) for name in ("ours", "tenacity")}
    return {"retry_over_tenacity": round(added_ratio(taken, "ours", "tenacity"), 3)}, raw


def threads(url: str, rounds: int) -> Figures:
    """Eight threads that each make one call of 50 ms through one breaker: 50 ms when nothing holds them up, 400 in a row."""
    with Ours.running(url) as ours:
        calls: dict[str, Callable[..., object]] = {"ours": ours.breaker.call}
        why = ""
        try:
            calls["interlock"] = interlock_breaker(url, "threads").call
            calls["pybreaker"] = pybreaker_in_memory().call
        except Missing as missing:
            why = str(missing)
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(rounds):
            for name, call in calls.items():
                taken[name].append(_eight_at_once(call))
    raw: dict[str, Any] = {f"threads_{name}_ms": round(sorted(values)[len(values) // 2] * 1000, 1) for name, values in taken.items()}
    raw |= {"threads_peers_why": why} if why else {}
    return {"threads_ms": raw["threads_ours_ms"]}, raw


def _eight_at_once(call: Callable[..., object]) -> float:
    threads = [threading.Thread(target=call, args=(partial(time.sleep, 0.05),)) for _ in range(8)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began
