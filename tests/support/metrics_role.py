"""The role ``metrics`` alone, as a real process, in a state folder of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.support.ports import free_ports
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[2]


class MetricsRole:
    """``python -m backend metrics serve``, without SQL, which it needs for nothing but its sign of life."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_ports(1)[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "metrics.log").read_text()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        given = {
            "ASTROLABE_STATE_DIR": str(self.folder),
            "ASTROLABE_METRICS_PORT": str(self.port),
            "ASTROLABE_DATABASE_URL": f"sqlite:///{self.folder / 'nowhere' / 'astrolabe.db'}",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("ASTROLABE_", "PROMETHEUS_"))}
        with (self.folder / "metrics.log").open("ab") as log:
            words = [sys.executable, "-m", "backend", "metrics", "serve"]
            self.process = subprocess.Popen(words, cwd=ROOT, env={**inherited, **given}, stdout=log, stderr=log)
        if not until(self._is_ready, 60.0):
            self.stop()
            raise AssertionError(self.log)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def answering(self) -> list[int]:
        """The processes that answer its questions."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = [int(pid) for path in tasks for pid in path.read_text().split()]
        return [pid for pid in children if b"metrics_server.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(self.log)
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=10.0).status_code == 200
        except httpx.TransportError:
            return False
