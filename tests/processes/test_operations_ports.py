"""Every role of the running product tells where its metrics are, and shows its own there."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import create_engine, text

from tests.processes.conftest import Watched
from tests.support.processes import until

pytestmark = pytest.mark.processes
OWN = {
    "api": "astrolabe_computing_busy_seconds_total",
    "worker": "astrolabe_job_last_success_timestamp_seconds",
    "console": "astrolabe_console_sessions",
    "metrics": "astrolabe_metrics_questions_running",
}


def told(watched: Watched) -> dict[str, str]:
    """The address of one process of each role."""
    engine = create_engine(f"sqlite:///{watched.product.folder / 'astrolabe.db'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT role, operations_url FROM instances WHERE operations_url IS NOT NULL")).all()
    engine.dispose()
    return dict(rows)


def test_each_role_shows_its_metrics_on_loopback(watched: Watched) -> None:
    assert until(lambda: set(told(watched)) == set(OWN), 30.0), told(watched)
    for role, address in told(watched).items():
        assert address.startswith("http://127.0.0.1:")
        shown = httpx.get(f"{address}/metrics", timeout=10).text
        assert f'role="{role}"' in shown and OWN[role] in shown, role
        assert "astrolabe_store_operation_seconds_count" in shown and "process_resident_memory_bytes" in shown, role
