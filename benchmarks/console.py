"""The console's pages beside the barest page with the same process settings, in one run, by a headless load client.

``now_over_bare``: median rerun of Now over that of the bare page, one session each, interleaved rounds. ``p95_25_over_bare``: 95th
percentile of Now's reruns with 25 sessions and 5 s between reruns, over the bare page's median of one session; ``worst_p50_over_bare`` and
``worst_p95_25_over_bare`` are the same of the slowest of the pages that read metrics, logs and requests (``pages.py``). ``slow_source`` is
of first looks at a source of metrics that takes 300 ms for each answer (``slow_source.py``).
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.peers.first_load import static_bytes
from benchmarks.screens.browser import waits
from benchmarks.screens.load import Load, Report, required
from benchmarks.screens.pages import used, worst
from benchmarks.screens.slow_source import looks, slow_source
from tests.support.ports import free_ports
from tests.support.product import ROOT, Product

BARE = "benchmarks.peers.bare_console:app"


def measure(*, quick: bool = False) -> dict[str, object]:
    """Ratios and what they come from; times in milliseconds, sizes in bytes."""
    required()
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder) / "state") as product, served(product, BARE) as bare:
        product.create_admin()
        cookies = [f"{name}={value}" for name, value in product.sign_in().items()]
        used(product, 20 if quick else 400)
        found = _measured(Load(product.console, cookies), Load(bare), quick)
        with slow_source(product.metrics) as source, served(product, "app:app", {"ASTROLABE_PROMETHEUS_URL": source.url}) as slow:
            return {**found, "slow_source": looks(Load(slow, cookies), source)}


def _measured(console: Load, bare: Load, quick: bool) -> dict[str, object]:
    rounds, reruns = (1, 4) if quick else (3, 15)
    alone: dict[str, list[Report]] = {"bare": [], "now": []}
    for _ in range(rounds):
        alone["bare"].append(bare.reruns("", 1, reruns, 0.2))
        alone["now"].append(console.reruns("", 1, reruns, 0.2))
    sessions, think = (5, 1.0) if quick else (25, 5.0)
    many = {name: load.reruns("", sessions, 4, think) for name, load in (("bare", bare), ("now", console))}
    floor = statistics.median(report["rerun_ms"]["p50"] for report in alone["bare"])
    now = statistics.median(report["rerun_ms"]["p50"] for report in alone["now"])
    reports = [*alone["bare"], *alone["now"], *many.values()]
    ratios, pages = worst(console, floor, quick)
    return {
        "ratios": {"now_over_bare": round(now / floor, 2), "p95_25_over_bare": round(many["now"]["rerun_ms"]["p95"] / floor, 2), **ratios},
        "raw": {
            "bare_p50_ms": floor,
            "now_p50_ms": now,
            "now_25_sessions_ms": many["now"]["rerun_ms"],
            "bare_25_sessions_ms": many["bare"]["rerun_ms"],
            "first_load_message_bytes": max(report["bytes_first_run"] for report in alone["now"]),
            "rerun_message_bytes": max(report["bytes_per_rerun"] for report in alone["now"]),
            "static_bytes_cold": static_bytes(console.url, console.cookies),
            "errors": sum(report["errors"] + report["exceptions_shown"] + report["page_not_found"] for report in reports),
            "client_lag_ms_p95": max(report["client"]["loop_lag_ms_p95"] for report in reports),
            "pages": pages,
            **waits(console.url, console.cookies, 1 if quick else 5),
        },
    }


@contextmanager
def served(product: Product, application: str, more: Mapping[str, str] | None = None) -> Iterator[str]:
    """Another console, bare or not, on the product's own stores."""
    (port,) = free_ports(1)
    environment = {**product.environment, "ASTROLABE_CONSOLE_PORT": str(port), "PYTHONPATH": str(ROOT), **(more or {})}
    words = [
        sys.executable,
        "-m",
        "uvicorn",
        application,
        "--port",
        str(port),
        "--log-level",
        "error",
        "--ws-per-message-deflate",
        "false",
    ]
    process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # ours is the report alone
    try:
        url = f"http://127.0.0.1:{port}"
        transport = httpx.HTTPTransport(retries=30)
        with httpx.Client(transport=transport) as client:
            client.get(f"{url}/_stcore/health", timeout=60)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
