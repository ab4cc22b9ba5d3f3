"""Circuits, retries and the fleet's exchange beside interlock-cb, pybreaker and tenacity, in one process and one run.

Costs are what a call takes beyond a bare one, on the calling thread's CPU clock, in interleaved rounds, as medians. A peer that
cannot be had leaves ``null`` and its reason. The server is a real Valkey on a socket of its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.circuits import cost, memory, orders, traffic
from tests.support.valkey import TestServer

Figures = tuple[dict[str, Any], dict[str, Any]]


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Ratios first; the figures that goals are stated in beside them, microseconds and milliseconds as the name says."""
    ratios: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="vk") as folder:
        server = TestServer(Path(folder))
        server.start()
        try:
            for some_ratios, some_raw in _parts(server, quick):
                ratios |= some_ratios
                raw |= some_raw
        finally:
            server.kill()
    return {"ratios": ratios, "raw": raw}


def _parts(server: TestServer, quick: bool) -> Iterator[Figures]:
    rounds = 5 if quick else 101
    yield {}, {"rounds": rounds}
    yield cost.closed(server.url, rounds)
    yield cost.closed_async(server.url, rounds)
    yield cost.rejection(rounds)
    yield cost.retried(rounds)
    yield cost.threads(server.url, 1 if quick else 7)
    yield traffic.commands_per_call(server.url, 0.3 if quick else 2.0)
    yield traffic.exchange_over_ping(server.url, 20 if quick else 1000)
    yield memory.of_breakers()
    yield memory.in_store(server.url)
    yield orders.obeyed(server, processes=2 if quick else 4, orders=4 if quick else 200)
