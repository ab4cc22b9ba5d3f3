"""What the loss of Valkey adds to a chart by place name: paused for 30 s, then killed, beside the same calls with all well."""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from backend.accounts.keys import console_token
from tests.support.processes import alive_with
from tests.support.product import Product

BODY = {"date": "1990-06-15", "time": "14:30", "place": "Lisbon, PT"}
RATE = 20.0


def measure(*, quick: bool = False) -> dict[str, object]:
    """Added 99th percentiles in milliseconds, and how many calls failed; the demo's geocoder and traffic are at work meanwhile."""
    seconds = 3.0 if quick else 30.0
    environment = {"ASTROLABE_API_PROCESSES": "2"}
    with tempfile.TemporaryDirectory() as folder, Product(Path(folder) / "state", "demo", environment) as product:
        headers = {"authorization": f"Bearer {console_token((product.folder / 'secret').read_text())}"}
        with httpx.Client(base_url=product.api, headers=headers, timeout=10) as client:
            _calls(client, 3.0)
            well = _calls(client, seconds)
            server = _valkey(product)
            os.kill(server, signal.SIGSTOP)
            try:
                paused = _calls(client, seconds)
            finally:
                os.kill(server, signal.SIGCONT)
            healed = _calls(client, 5.0)
            os.kill(_valkey(product), signal.SIGKILL)
            killed = _calls(client, min(seconds, 10.0))
    phases = {"well": well, "paused": paused, "healed": healed, "killed": killed}
    floor = _p99(well)
    return {
        "ratios": {f"{name}_added_p99_ms": round(_p99(taken) - floor, 1) for name, taken in phases.items() if name != "well"},
        "raw": {
            name: {"calls": len(taken), "p50_ms": round(statistics.median(taken), 1), "p99_ms": round(_p99(taken), 1)}
            for name, taken in phases.items()
        },
    }


def _calls(client: httpx.Client, seconds: float) -> list[float]:
    """Milliseconds of each call; one that fails ends the measurement, as none may."""
    taken, began = [], time.perf_counter()
    while (at := time.perf_counter()) - began < seconds:
        answer = client.post("/v1/charts", json={**BODY, "name": f"{at}"})  # another one each time: none is kept already
        taken.append((time.perf_counter() - at) * 1000)
        answer.raise_for_status()
        time.sleep(max(0.0, 1 / RATE - (time.perf_counter() - at)))
    return taken


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100, method="inclusive")[98]


def _valkey(product: Product) -> int:
    return next(pid for pid in alive_with(str(product.folder)) if b"valkey-server" in Path(f"/proc/{pid}/cmdline").read_bytes())
