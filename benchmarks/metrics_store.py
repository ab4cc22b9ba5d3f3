"""The embedded metrics store by itself: what a scrape costs, what a sample takes, how fast a large file opens and is read.

CPU is that of this process over the whole scrape, asking over HTTP included. Bytes are of all files after compaction, divided by all
samples. Reading and opening are measured in fresh processes: their peak of memory is the whole process's.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from backend.clock import SystemClock
from backend.collecting import exposition_at
from backend.integrations.http_client import Fetcher
from backend.monitoring.embedded.lock import TendingLock
from backend.monitoring.embedded.records import BLOCK_MS, Exposition, Series, StoreLimits, Target
from backend.monitoring.embedded.scraping import Scraper
from backend.monitoring.embedded.store import MetricsStore
from backend.monitoring.promql.labels import labels_of
from backend.monitoring.records import Instance
from backend.telemetry.series import Series as Emitted
from tests.support.ports import free_ports
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[1]
T0 = 1_780_000_000_000 // BLOCK_MS * BLOCK_MS
BYTES_OPENED = 1_000_000_000


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Figures under the names in which goals are stated; there is no peer, so no ratio."""
    raw: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 2)}
    for part in (scrape, own_metrics, counters, opened):
        with tempfile.TemporaryDirectory(prefix="metrics-store") as folder:
            raw |= part(Path(folder), quick=quick)
    return {"ratios": {}, "raw": raw}


def scrape(folder: Path, *, quick: bool) -> dict[str, Any]:
    """One process with 10,000 series, asked over HTTP and kept; a line in ten has another value each time, and one a new exemplar."""
    port = free_ports(1)[0]
    serving = multiprocessing.get_context("fork").Process(target=_serve, args=(port,), daemon=True)
    serving.start()
    store, clock = MetricsStore(folder / "metrics.db", SystemClock()), SystemClock()
    fetcher = Fetcher("scraped processes", clock, largest_body=16_000_000)
    instance = Instance("1", "api", 1, "here", "1", datetime.now(UTC), f"http://127.0.0.1:{port}")
    scraper = Scraper(store, TendingLock(folder / "lock"), lambda: [instance], partial(exposition_at, fetcher), clock)
    try:
        if not until(lambda: bool(_answers(fetcher, port)), 10):
            raise AssertionError("the process with 10,000 series does not answer")
        times = [_cpu_of(scraper.scrape) for _ in range(5 if quick else 40)]
    finally:
        serving.kill()
        serving.join()
        fetcher.close()
        store.close()
    return {
        "scrape_series": 10_000,
        "scrape_first_cpu_ms": round(times[0], 1),
        "scrape_cpu_ms": round(statistics.median(times[1:]), 1),
        "scrape_cpu_ms_most": round(max(times[1:]), 1),
    }


def _cpu_of(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    time.sleep(0.002)  # two scrapes must not be of one millisecond
    return (time.process_time() - begun) * 1000


def _answers(fetcher: Fetcher, port: int) -> bool:
    try:
        return exposition_at(fetcher, f"http://127.0.0.1:{port}/metrics").body != b""
    except Exception:  # noqa: BLE001 - it is not there yet
        return False


def _serve(port: int) -> None:
    bodies = [_exposition(number) for number in range(8)]
    turn = iter(range(10**9))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies[next(turn) % len(bodies)]
            self.send_response(200)
            self.send_header("content-type", "application/openmetrics-text; version=1.0.0")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def _exposition(turn: int) -> bytes:
    """A thousand histograms of ten buckets."""
    lines = ["# HELP took_seconds Time to a whole answer.", "# TYPE took_seconds histogram"]
    for route in range(1000):
        for bucket in range(10):
            count = route * 10 + bucket + (turn if bucket == 7 else 0)
            lines.append(f'took_seconds_bucket{{le="{bucket / 8}",method="GET",route="/v1/things/{route}",status="200"}} {count}.0')
    lines[500] += f' # {{trace_id="{turn:032x}"}} 0.3 1700000000.{turn}'
    return ("\n".join(lines) + "\n# EOF\n").encode()


def own_metrics(folder: Path, *, quick: bool) -> dict[str, Any]:
    """What our own API process exposes under changing load, scraped every 5 s; its figures of memory and CPU are this process's."""
    hours = 1 if quick else 8
    store = MetricsStore(folder / "metrics.db", SystemClock())
    emitted, chance = Emitted("1", "api"), random.Random(1)
    target = Target(labels_of({"job": "api", "instance": "127.0.0.1:40123"}), "")
    kept = 0
    for place in range(hours * 720):
        _traffic(emitted, chance, place)
        at = T0 + place * 5000 + chance.randrange(40)
        kept += store.append_scrape(target, at, Exposition(emitted.exposition()), 0.003 + chance.random() / 500).kept
        if place % 120 == 119:
            store.compact(at)
    size = _settled(store, T0 + (hours + 3) * 3_600_000)
    return {"own_series": store.status().series, "own_samples": kept, "own_bytes": size, "bytes_per_sample_own": round(size / kept, 3)}


def _traffic(emitted: Emitted, chance: random.Random, place: int) -> None:
    """Five seconds of requests: more by day than by night, most of them quick."""
    by_day = 1 + np.sin(place / 2000)
    for _ in range(chance.randrange(1 + int(20 * by_day))):
        route, method = chance.choice([("/v1/charts", "POST"), ("/v1/charts", "POST"), ("/v1/places", "GET"), ("/livez", "GET")])
        emitted.request_started()
        emitted.request_finished(route, method, 200 if chance.random() > 0.01 else 503, chance.lognormvariate(-5, 1))


def counters(folder: Path, *, quick: bool) -> dict[str, Any]:
    """2,000 histogram buckets over 24 h every 15 s: what they take, and how fast they are read again."""
    hours, routes = (2, 20) if quick else (24, 200)
    count = hours * 240
    store, chance = MetricsStore(folder / "metrics.db", SystemClock()), np.random.default_rng(1)
    times = T0 + np.arange(count, dtype=np.int64) * 15_000
    for route in range(routes):
        steps = chance.poisson(chance.exponential(0.05), (10, count)).cumsum(axis=0)
        values = steps.cumsum(axis=1).astype(np.float64)
        labels = [labels_of({"__name__": "took_bucket", "job": "api", "route": f"/r/{route}", "le": str(row)}) for row in range(10)]
        store.append([Series(labels[row], times, values[row]) for row in range(10)])
    size = _settled(store, T0 + (hours + 3) * 3_600_000)
    samples = routes * 10 * count
    read = _in_a_process("read", folder)
    return {"counter_samples": samples, "bytes_per_sample_counters": round(size / samples, 3), **read}


def _settled(store: MetricsStore, now: int) -> int:
    """The bytes of all files when all is done that the worker does."""
    store.limits = StoreLimits(retention=timedelta(days=36500))
    store.compact(now)
    store.retain(now)
    store.close()
    return sum(file.stat().st_size for file in store.path.parent.iterdir() if file.name.startswith(store.path.name))


def opened(folder: Path, *, quick: bool) -> dict[str, Any]:
    """A file of 1 GB, 10,000 series over 15 days, opened by a process that never saw it."""
    store = MetricsStore(folder / "metrics.db", SystemClock())
    chance = np.random.default_rng(1)
    labels = [labels_of({"__name__": f"level_{row % 50}", "job": "api", "n": str(row)}) for row in range(1000 if quick else 10_000)]
    block = 0
    while store.status().files < (10_000_000 if quick else BYTES_OPENED):
        times = T0 + block * BLOCK_MS + np.arange(90, dtype=np.int64) * 80_000
        store.append([Series(one, times, row) for one, row in zip(labels, chance.random((len(labels), 90)), strict=True)])
        block += 1
        store.compact(T0 + (block + 1) * BLOCK_MS)
    size = _settled(store, T0 + (block + 3) * BLOCK_MS)
    return {"opened_megabytes": round(size / 1e6), **_in_a_process("open", folder)}


def _in_a_process(what: str, folder: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.metering.reading", what, str(folder / "metrics.db")]
    found: dict[str, Any] = json.loads(subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    return found
