"""The resilience benchmark measures the product where a peer is missing, and says why there is no ratio."""

from __future__ import annotations

import pytest

from benchmarks.circuits import cost
from benchmarks.peers.environment import Missing
from tests.support.valkey import TestServer


def test_a_missing_peer_is_null_with_its_reason(valkey_server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_words: object, **_more: object) -> None:
        raise Missing("the peers could not be installed: no such index")

    for name in ("interlock_breaker", "pybreaker_in_memory", "pybreaker_on"):
        monkeypatch.setattr(cost, name, nowhere)
    ratios, raw = cost.closed(valkey_server.url, 3)
    assert ratios == {"closed_over_interlock": None, "closed_over_pybreaker": None}
    assert raw["peers_why"] == "the peers could not be installed: no such index"
    assert raw["ours_call_added_us"] > 0
