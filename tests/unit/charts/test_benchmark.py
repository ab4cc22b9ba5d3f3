"""The chart benchmark runs and prints its contract, and counts against peers only what all of them did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.charts import beside
from benchmarks.peers.charts import running
from benchmarks.peers.environment import Missing


def test_the_chart_benchmark_prints_its_ratios(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> Path:
        raise Missing(f"{name} could not be installed: no such index")

    monkeypatch.setattr(running, "environment_of", nowhere)
    assert main(["chart", "--json", "--quick"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"name", "machine", "ratios", "raw"}
    assert printed["ratios"]["typed"] > 1
    assert 0 < printed["ratios"]["cache_hit_ms"] < printed["raw"]["cache_hit_by_meaning_ms"]
    assert printed["ratios"]["faster_than_best_peer"] is None
    assert "stellium could not be installed: no such index" in printed["raw"]["faster_than_best_peer_why"]


def test_the_best_peer_is_the_one_that_is_nearest() -> None:
    found = {"kerykeion": [(0.8, 0.1), (0.6, 0.1), (0.1, 0.1)], "flatlib": [(0.3, 0.2)]}
    ratios, raw = beside._figures(found, {}, charts=10)
    assert ratios == {"faster_than_best_peer": 1.5}
    assert (raw["faster_than_kerykeion"], raw["kerykeion_ms_per_chart"]) == (6.0, 60.0)


def test_what_some_peers_did_counts_for_nothing() -> None:
    ratios, _ = beside._figures({"kerykeion": [(0.8, 0.1)]}, {"flatlib": "flatlib has no compiler"}, charts=10)
    assert ratios == {"faster_than_best_peer": None}


def test_a_peer_that_ends_instead_of_computing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "environment_of", lambda name: Path("/bin/false"))
    with running.Peer("stellium") as peer, pytest.raises(Missing, match="stellium ended with 1"):
        peer.seconds([("2000-01-01T00:00:00", 52.5, 13.4)])
