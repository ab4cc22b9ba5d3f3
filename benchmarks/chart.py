"""Charts against the raw library, beside other libraries, from the cache, and what the engine's import costs; one run.

Ratios decide; absolute times are medians and tell what the machine was like. A figure that could not be had is null, with its reason
in `raw`.
"""

from __future__ import annotations

from typing import Any

from benchmarks.charts.beside import beside_peers
from benchmarks.charts.cached import cache_hit
from benchmarks.charts.imported import engine_import
from benchmarks.charts.natal import over_floor
from benchmarks.charts.searches import searched
from benchmarks.charts.wheels import wheel_drawn


def measure(*, quick: bool = False) -> dict[str, Any]:
    """`typed` and `json` over the floor, `faster_than_best_peer`, and figures in milliseconds and seconds as the name says."""
    ratios: dict[str, Any] = {}
    raw: dict[str, Any] = {}
    for part in (over_floor, beside_peers, cache_hit, engine_import, wheel_drawn, searched):
        some_ratios, some_raw = part(quick=quick)
        ratios |= some_ratios
        raw |= some_raw
    return {"ratios": ratios, "raw": raw}
