"""Circuits, retries and the fleet's exchange beside interlock-cb, pybreaker and tenacity, in one process and one run.

Costs are what a call takes beyond a bare one, on the calling thread's CPU clock, in interleaved rounds, as medians. A peer that
cannot be had leaves ``null`` and its reason. The server is a real Valkey on a socket of its own.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.circuits import cost
from tests.support.valkey import TestServer


def measure(*, quick: bool = False) -> dict[str, Any]:
    rounds = 5 if quick else 101
    ratios: dict[str, Any] = {}
    raw: dict[str, Any] = {"rounds": rounds}
    with tempfile.TemporaryDirectory(prefix="vk") as folder:
        server = TestServer(Path(folder))
        server.start()
        try:
            parts = [
                cost.closed(server.url, rounds),
                cost.closed_async(server.url, rounds),
                cost.rejection(rounds),
                cost.retried(rounds),
                cost.threads(server.url, 1 if quick else 7),
            ]
        finally:
            server.kill()
    for some_ratios, some_raw in parts:
        ratios |= some_ratios
        raw |= some_raw
    return {"ratios": ratios, "raw": raw}
