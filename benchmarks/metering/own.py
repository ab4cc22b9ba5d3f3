"""Our store with given samples in it, and our server over it: ``python -m benchmarks.metering.own FILE PORT SECONDS``."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np

from backend.clock import SystemClock
from backend.monitoring.embedded import compaction
from backend.monitoring.embedded.catalogue import Catalogue
from backend.monitoring.embedded.connections import Connections
from backend.monitoring.embedded.records import StoreLimits
from backend.monitoring.embedded.selection import Made
from benchmarks.metering.data import BLOCK_MS, SLICE_MS, Fleet, Slice
from tests.support.ports import free_ports
from tests.support.processes import until

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Filling:
    """Puts slices into a metrics file as its compaction would: two hours of a target are chunks of 128 series."""

    path: Path
    catalogue: Catalogue = field(default_factory=lambda: Catalogue(StoreLimits().series))
    waiting: dict[int, list[Slice]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.connections = Connections(self.path)

    def take(self, fleet: Fleet, one: Slice) -> None:
        parts = self.waiting.setdefault(one.job, [])
        parts.append(one)
        if (one.begin + SLICE_MS) % BLOCK_MS == 0:
            self._keep(fleet, parts)
            parts.clear()

    def _keep(self, fleet: Fleet, parts: list[Slice]) -> None:
        times = np.concatenate([one.times for one in parts])
        values = np.concatenate([one.values for one in parts], axis=1)
        masks = [one.present for one in parts if one.present is not None]
        present = np.concatenate(masks, axis=1) if masks else None
        job = parts[0].job
        with self.connections.writing() as connection:
            self.catalogue.begin(connection)
            ids = np.array(self.catalogue.ids(connection, fleet.labels(job)), np.int64)
            chunks: list[compaction.NewChunk] = []
            for begin in range(0, len(ids), compaction.GROUP):
                rows = slice(begin, begin + compaction.GROUP)
                made = Made(times, values[rows], None if present is None else present[rows], False)
                chunks.extend(compaction._chunks(ids[rows], made))
            work = compaction.Work(1 + job, parts[0].begin // BLOCK_MS, None)
            compaction.replace(connection, self.catalogue, compaction.Made(work, (), chunks, 0))

    def finish(self) -> int:
        """The bytes of all files, once the log is in the file."""
        with self.connections.tending() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return sum(file.stat().st_size for file in self.path.parent.glob(f"{self.path.name}*"))


def fill(path: Path, fleet: Fleet, parts: Iterable[Slice]) -> int:
    """The bytes of all files."""
    filling = Filling(path)
    for part in parts:
        filling.take(fleet, part)
    return filling.finish()


@dataclass(frozen=True)
class Own:
    """Our server as it runs."""

    url: str
    pid: int


@contextmanager
def serving(path: Path, seconds: float = 60.0) -> Iterator[Own]:
    """The role ``metrics`` over that file; ``seconds`` is the longest that one query may take, as this machine may be busy."""
    port = free_ports(1)[0]
    words = [sys.executable, "-m", "benchmarks.metering.own", str(path), str(port), str(seconds)]
    with (path.parent / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        if not until(lambda: process.poll() is not None or _is_ready(url), 30.0) or process.poll() is not None:
            raise AssertionError((path.parent / "server.log").read_text())
        yield Own(url, process.pid)
    finally:
        process.terminate()
        process.wait(20)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/ready", timeout=1.0).status_code == 200
    except httpx.TransportError:
        return False


def main(path: str, port: str, seconds: str) -> None:
    from backend.metrics_server.serve import Served, serve
    from backend.metrics_server.worker import Work
    from backend.monitoring.promql.engine import Limits
    from backend.monitoring.rules.documents import RuleDesk
    from backend.telemetry.series import Series

    listening = socket.create_server(("127.0.0.1", int(port)))
    folder = Path(path).parent
    work = Work(Path(path), 15.0, Limits(seconds=float(seconds)), StoreLimits())
    rules = RuleDesk(folder / "rules", folder / "rules.json")
    serve(Served(listening, work, "0", Series("0", "metrics"), SystemClock(), rules))


if __name__ == "__main__":
    main(*sys.argv[1:])
