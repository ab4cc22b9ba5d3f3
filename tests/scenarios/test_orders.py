"""An operator's order reaches every live process at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.obedience import milliseconds, seconds_until_obeyed
from tests.support.figures import note
from tests.support.processes import TRIALS
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
FULL = TRIALS > 3
PROCESSES, ORDERS, REST_SECONDS = (8, 200, 0.25) if FULL else (3, 6, 0.1)
MOST_MILLISECONDS = 50.0 if FULL else 2000.0


def test_an_order_is_effective_in_all_live_processes_at_once(own_valkey: TestServer, tmp_path: Path) -> None:
    taken = seconds_until_obeyed(own_valkey, tmp_path, PROCESSES, ORDERS, REST_SECONDS)
    p99 = milliseconds(taken, 0.99)
    note(f"orders to {PROCESSES} processes", orders=len(taken), median_ms=milliseconds(taken, 0.5), p99_ms=p99)
    assert p99 <= MOST_MILLISECONDS
