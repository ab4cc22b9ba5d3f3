"""An answer of the shared store is whole in time, or none."""

from __future__ import annotations

import time

import pytest

from backend.errors import StorageUnavailable
from backend.storage.shared import SharedState
from tests.support.tcp_proxy import Conduct, tcp_proxy
from tests.support.valkey import TestServer, own_valkey

__all__ = ["own_valkey"]


def test_a_server_that_drips_its_answer_keeps_nobody_waiting(own_valkey: TestServer) -> None:
    with tcp_proxy(own_valkey.socket) as proxy:
        shared = SharedState(proxy.url, read_timeout=0.3)
        with shared.translated():
            shared.client.set("long", "x" * 1000)  # 50 seconds of dripping
        proxy.behave(Conduct.DRIP)
        began = time.monotonic()
        with pytest.raises(StorageUnavailable), shared.translated():
            shared.client.get("long")
        assert time.monotonic() - began < 1.0
        proxy.behave(Conduct.WELL)
        with shared.translated():
            assert shared.client.get("long") == "x" * 1000


def test_a_long_answer_that_comes_at_once_is_read_whole(own_valkey: TestServer) -> None:
    shared = own_valkey.shared()
    with shared.translated():
        shared.client.set("long", "x" * 5_000_000)
        assert len(str(shared.client.get("long"))) == 5_000_000
