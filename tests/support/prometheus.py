"""Debian's Prometheus as a process of its own, on a free loopback port, with an empty store that takes remote writes."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.support.ports import free_ports
from tests.support.processes import until

FOLDER = Path(__file__).resolve().parents[2] / ".venv" / "prometheus" / "usr" / "bin"
PROMETHEUS = FOLDER / "prometheus"
PROMTOOL = FOLDER / "promtool"


class Prometheus:
    """``prometheus`` over ``folder``; ``files`` are put beside its configuration, ``configuration`` is that, as text."""

    def __init__(self, folder: Path, configuration: str = "global: {}\n", files: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_ports(1)[0]
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {"prometheus.yml": configuration, **(files or {})}.items():
            (folder / name).write_text(text)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(self._words(), cwd=self.folder, stdout=log, stderr=log)
        if not until(self._is_ready, 30.0):
            self.stop()
            raise AssertionError((self.folder / "log").read_text())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def _words(self) -> list[str]:
        return [
            str(PROMETHEUS),
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            "--storage.tsdb.retention.time=10y",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--web.enable-remote-write-receiver",
            "--enable-feature=exemplar-storage",
        ]

    def _is_ready(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "log").read_text())
        try:
            return httpx.get(f"{self.url}/-/ready", timeout=1.0).status_code == 200
        except httpx.TransportError:
            return False
