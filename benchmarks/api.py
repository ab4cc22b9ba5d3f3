"""A cached chart over HTTP beside the barest route of the same framework that returns the same bytes.

``cached_over_bare``: requests answered in a second by one API process of the running product, over those of one uvicorn process with an
``async def`` route, both asked by the same client over 32 connections in alternating rounds; the median over the rounds. The product does
all it does for anybody: key, strict headers, log line, metrics, record of the request. Every answer has to be 200.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil

from backend.accounts.keys import console_token
from tests.support.ports import free_ports
from tests.support.product import ROOT

BODY = b'{"date":"1990-06-15","time":"14:30","time_zone":"Europe/London","latitude":51.5,"longitude":-0.1}'
CONNECTIONS = 32
READY = "Ctrl-C stops everything"
Report = dict[str, float]


def measure(*, quick: bool = False) -> dict[str, Any]:
    """The ratio, and the rates and times it comes from."""
    rounds, seconds = (1, 0.5) if quick else (7, 3.0)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        with _product(state) as cached:
            request, content = _request(state, cached.port), _content(state, cached.port)
            with _bare(Path(folder) / "content", content) as bare:
                return _measured(request, {"bare": bare, "cached": cached}, rounds, seconds, len(content))


class Server(NamedTuple):
    """Where it answers, and the process that does."""

    port: int
    process: psutil.Process


def _measured(request: bytes, servers: dict[str, Server], rounds: int, seconds: float, size: int) -> dict[str, Any]:
    found: dict[str, list[Report]] = {name: [] for name in servers}
    for server in servers.values():
        _load(server, request, min(1.0, seconds))
    for _ in range(rounds):
        for name, server in servers.items():
            found[name].append(_load(server, request, seconds))
    ratios = [ours["per_second"] / bare["per_second"] for ours, bare in zip(found["cached"], found["bare"], strict=True)]
    raw: dict[str, Any] = {
        f"{name}_{what}": round(statistics.median(report[what] for report in reports), 2)
        for name, reports in found.items()
        for what in ("per_second", "p50_ms", "p99_ms", "cpu_us")
    }
    raw |= {"rounds": rounds, "seconds_per_round": seconds, "connections": CONNECTIONS, "answer_bytes": size}
    raw["not_200"] = sum(report["not_200"] for reports in found.values() for report in reports)
    good = raw["not_200"] == 0
    return {"ratios": {"cached_over_bare": round(statistics.median(ratios), 2) if good else None}, "raw": raw}


def _load(server: Server, request: bytes, seconds: float) -> Report:
    """By a process of its own, so that the measuring takes nothing from the measured; ``cpu_us``: the server's, of each answer."""
    words = [sys.executable, "-m", "benchmarks.peers.http_load", str(server.port), str(CONNECTIONS), str(seconds)]
    before = sum(server.process.cpu_times()[:2])
    done = subprocess.run(words, cwd=ROOT, input=request, capture_output=True, timeout=120, check=True)
    report: Report = json.loads(done.stdout)
    return {**report, "cpu_us": (sum(server.process.cpu_times()[:2]) - before) / report["answers"] * 1e6}


def _key(state: Path) -> str:
    return console_token((state / "secret").read_text())


def _request(state: Path, port: int) -> bytes:
    head = (
        f"POST /v1/charts HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {_key(state)}\r\n"
        f"Content-Type: application/json\r\nAccept: */*\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    return head.encode() + BODY


def _content(state: Path, port: int) -> bytes:
    """The answer's bytes, kept by the product from now on."""
    headers = {"Authorization": f"Bearer {_key(state)}", "Content-Type": "application/json"}
    answers = [httpx.post(f"http://127.0.0.1:{port}/v1/charts", content=BODY, headers=headers, timeout=10) for _ in range(2)]
    if answers[1].headers.get("astrolabe-cache") != "hit":
        raise SystemExit("the product does not keep the chart; there is nothing to measure")
    return answers[1].content


@contextmanager
def _product(state: Path) -> Iterator[Server]:
    """Everything, as `run` starts it; its log goes to a file."""
    port, console, metrics = free_ports(3)
    ports = {"API_PORT": port, "CONSOLE_PORT": console, "METRICS_PORT": metrics}
    ours = {"ASTROLABE_STATE_DIR": str(state), **{f"ASTROLABE_{name}": str(number) for name, number in ports.items()}}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ASTROLABE_")}
    log = state.with_name("log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "run"], cwd=ROOT, env=inherited | ours, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _until(lambda: READY in log.read_text(errors="replace"), "the product did not start")
        yield Server(port, next(one for one in psutil.Process(process.pid).children(recursive=True) if "api" in one.cmdline()))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=40)


@contextmanager
def _bare(file: Path, content: bytes) -> Iterator[Server]:
    file.write_bytes(content)
    (port,) = free_ports(1)
    words = [sys.executable, "-m", "uvicorn", "benchmarks.peers.bare_api:app", "--port", str(port), "--no-access-log"]
    words += ["--log-level", "warning", "--loop", "uvloop", "--http", "httptools", "--no-server-header"]
    process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "BARE_API_CONTENT": str(file)})
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=30)) as client:
            client.post(f"http://127.0.0.1:{port}/v1/charts", timeout=60)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=20)


def _until(holds: Any, otherwise: str, within_seconds: float = 120.0) -> None:
    deadline = time.monotonic() + within_seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.05)
