"""The benchmark of a kept chart over HTTP runs, and counts only where every answer was good."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import api


def report(per_second: float, not_200: int = 0) -> dict[str, float]:
    return {"answers": 100, "not_200": not_200, "per_second": per_second, "p50_ms": 1.0, "p99_ms": 2.0, "cpu_us": 100.0}


@pytest.mark.parametrize(("bad", "ratio"), [(0, 0.6), (1, None)])
def test_the_ratio_is_the_median_over_rounds_and_needs_good_answers(monkeypatch: pytest.MonkeyPatch, bad: int, ratio: float | None) -> None:
    rates = {"bare": iter([0, 1000, 1000, 2000]), "cached": iter([0, 600, 900, 400])}
    monkeypatch.setattr(api, "_load", lambda server, _request, _seconds: report(next(rates[server]), bad))
    servers: dict[str, Any] = {"bare": "bare", "cached": "cached"}
    found = api._measured(b"", servers, rounds=3, seconds=1.0, size=12_000)
    assert found["ratios"] == {"cached_over_bare": ratio}
    assert found["raw"]["not_200"] == 6 * bad and found["raw"]["bare_per_second"] == 1000
