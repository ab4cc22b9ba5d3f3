"""The console's pages beside the barest page with the same process settings, in one run, by a headless load client.

``now_over_bare``: median rerun of Now over that of the bare page, one session each, interleaved rounds. ``p95_25_over_bare``: 95th
percentile of Now's reruns with 25 sessions and 5 s between reruns, over the bare page's median of one session. The load client is the
workshop's own (``streamlit_load.py``), found by ``STREAMLIT_LOAD`` or beside the checkout.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.peers.first_load import static_bytes
from tests.support.ports import free_ports
from tests.support.product import ROOT, Product

CLIENT = Path(os.environ.get("STREAMLIT_LOAD", ROOT.parent / "shared" / "bench" / "streamlit_load.py"))
Report = dict[str, Any]


def measure(*, quick: bool = False) -> dict[str, object]:
    """Ratios and what they come from; times in milliseconds, sizes in bytes."""
    if not CLIENT.exists():
        raise SystemExit(f"the load client is not at {CLIENT}: set STREAMLIT_LOAD to its path")
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder) / "state") as product, _bare_console(product) as bare:
        product.create_admin()
        cookies = [f"{name}={value}" for name, value in product.sign_in().items()]
        return _measured(product.console, bare, cookies, quick)


def _measured(console: str, bare: str, cookies: list[str], quick: bool) -> dict[str, object]:
    rounds, reruns = (1, 4) if quick else (3, 15)
    alone: dict[str, list[Report]] = {"bare": [], "now": []}
    for _ in range(rounds):
        alone["bare"].append(_load(bare, [], 1, reruns, 0.2))
        alone["now"].append(_load(console, cookies, 1, reruns, 0.2))
    many = {name: _load(url, kept, 5 if quick else 25, 4, 1.0 if quick else 5.0) for name, url, kept in _both(console, bare, cookies)}
    floor = statistics.median(report["rerun_ms"]["p50"] for report in alone["bare"])
    now = statistics.median(report["rerun_ms"]["p50"] for report in alone["now"])
    reports = [*alone["bare"], *alone["now"], *many.values()]
    return {
        "ratios": {"now_over_bare": round(now / floor, 2), "p95_25_over_bare": round(many["now"]["rerun_ms"]["p95"] / floor, 2)},
        "raw": {
            "bare_p50_ms": floor,
            "now_p50_ms": now,
            "now_25_sessions_ms": many["now"]["rerun_ms"],
            "bare_25_sessions_ms": many["bare"]["rerun_ms"],
            "first_load_message_bytes": max(report["bytes_first_run"] for report in alone["now"]),
            "rerun_message_bytes": max(report["bytes_per_rerun"] for report in alone["now"]),
            "static_bytes_cold": static_bytes(console, cookies),
            "errors": sum(report["errors"] + report["exceptions_shown"] + report["page_not_found"] for report in reports),
            "client_lag_ms_p95": max(report["client"]["loop_lag_ms_p95"] for report in reports),
        },
    }


def _both(console: str, bare: str, cookies: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    yield "bare", bare, []
    yield "now", console, cookies


def _load(url: str, cookies: list[str], sessions: int, reruns: int, think_seconds: float) -> Report:
    words = [
        sys.executable,
        str(CLIENT),
        url,
        "-n",
        str(sessions),
        "-m",
        str(reruns),
        "--think",
        str(think_seconds),
        "--warm",
        "1",
        "--compact",
    ]
    for cookie in cookies:
        words += ["--cookie", cookie]
    done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
    if not done.stdout.strip():
        raise SystemExit(f"the load client failed: {done.stderr[-500:]}")
    report: Report = json.loads(done.stdout)
    if not report["rerun_ms"]:
        raise SystemExit(f"no rerun was answered: {report['error_samples']}")
    return report


@contextmanager
def _bare_console(product: Product) -> Iterator[str]:
    """The bare page's server, on the product's own stores, as its start-up reads them."""
    (port,) = free_ports(1)
    environment = {**product.environment, "ASTROLABE_CONSOLE_PORT": str(port), "PYTHONPATH": str(ROOT)}
    words = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.peers.bare_console:app",
        "--port",
        str(port),
        "--log-level",
        "error",
        "--ws-per-message-deflate",
        "false",
    ]
    process = subprocess.Popen(words, cwd=ROOT, env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=30)
        with httpx.Client(transport=transport) as client:
            client.get(f"{url}/_stcore/health", timeout=60)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
