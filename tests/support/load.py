"""A caller of many: charts asked for over raw connections, as fast as they are answered or at a rate that nobody waits for.

Runs in a process of its own (``python -m tests.support.load``), so that what it costs is not what it measures.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
import signal
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import uvloop

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "x" * 12
CHART = {"date": "1990-06-15", "time": "14:30", "latitude": 38.72, "longitude": -9.14, "time_zone": "Europe/Lisbon"}
MOST_CONNECTIONS = 900
LATE_SECONDS = 20.0


@dataclass(frozen=True)
class Seen:
    """How many answers of each status, and the seconds they took; 0 is the status of a call without an answer."""

    seconds: float
    counts: dict[int, int]
    taken: dict[int, list[float]]
    without_retry_after: int = 0
    errors: tuple[str, ...] = ()

    def rate(self, status: int = 200) -> float:
        return self.counts.get(status, 0) / self.seconds

    def percentile_ms(self, status: int, percent: int) -> float:
        return round(statistics.quantiles(self.taken[status], n=100, method="inclusive")[percent - 1] * 1000, 1)

    @property
    def failed(self) -> int:
        return sum(count for status, count in self.counts.items() if status != 200)


class Load:
    """A load that runs until its time is over, or until it is told to end; ``seen()`` waits for it."""

    def __init__(self, port: int, key: str, seconds: float, *, connections: int = 16, rate: float = 0.0, calls_each: int = 0) -> None:
        """``rate`` 0: each connection asks again when it was answered. ``calls_each``: after so many a connection is opened anew."""
        asked = {"port": port, "key": key, "seconds": seconds, "connections": connections, "rate": rate, "calls_each": calls_each}
        words = [sys.executable, "-m", "tests.support.load", json.dumps(asked)]
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def end(self) -> Seen:
        self._process.terminate()
        return self.seen()

    def seen(self) -> Seen:
        told, _ = self._process.communicate(timeout=300)
        found = json.loads(told)
        by_status = {int(status): taken for status, taken in found["taken"].items()}
        counts = {status: len(taken) for status, taken in by_status.items()}
        return Seen(found["seconds"], counts, by_status, found["without_retry_after"], tuple(found["errors"]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@dataclass
class _Caller:
    port: int
    key: str
    seconds: float
    connections: int
    rate: float
    calls_each: int
    taken: dict[int, list[float]] = field(default_factory=dict)
    without_retry_after: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    ends: float = 0.0

    def __post_init__(self) -> None:
        body = json.dumps({"name": NUMBER, **CHART}).encode()
        head = f"POST /v1/charts HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.key}\r\n"
        self.request = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
        self.numbers = itertools.count(secrets.randbelow(10**11))
        self.idle: list[_Connection] = []

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.ends = began + self.seconds
        loop.add_signal_handler(signal.SIGTERM, self._end)
        if self.rate:
            await self._at_a_rate(loop)
        else:
            await asyncio.gather(*(self._again_and_again(loop) for _ in range(self.connections)))
        taken = {status: [round(one, 5) for one in all_] for status, all_ in self.taken.items()}
        errors = [f"{words} x {count}" for words, count in self.errors.most_common(5)]
        return {
            "seconds": min(self.ends, loop.time()) - began,
            "taken": taken,
            "without_retry_after": self.without_retry_after,
            "errors": errors,
        }

    def _end(self) -> None:
        self.ends = asyncio.get_running_loop().time()

    async def _again_and_again(self, loop: asyncio.AbstractEventLoop) -> None:
        connection = _Connection(self.port)
        while loop.time() < self.ends:
            await self._ask(connection, loop.time())
        connection.close()

    async def _at_a_rate(self, loop: asyncio.AbstractEventLoop) -> None:
        """Each call has its instant; one that comes late is late through the other side's fault and counts from its instant."""
        asking: set[asyncio.Task[None]] = set()
        due = loop.time()
        while due < self.ends:
            await asyncio.sleep(max(0.0, due - loop.time()))
            if len(asking) < MOST_CONNECTIONS:
                task = asyncio.create_task(self._ask_on_an_idle_one(due))
                asking.add(task)
                task.add_done_callback(asking.discard)
            due += 1 / self.rate
        await asyncio.wait(asking, timeout=LATE_SECONDS) if asking else None

    async def _ask_on_an_idle_one(self, due: float) -> None:
        connection = self.idle.pop() if self.idle else _Connection(self.port)
        await self._ask(connection, due)
        self.idle.append(connection)

    async def _ask(self, connection: _Connection, began: float) -> None:
        if self.calls_each and connection.calls >= self.calls_each:
            connection.close()
        try:
            number = f"{next(self.numbers):0{len(NUMBER)}d}"  # each chart is another one: none is kept already
            status, retry_after = await connection.ask(self.request.replace(NUMBER.encode(), number.encode()))
        except (OSError, EOFError, asyncio.IncompleteReadError) as error:
            connection.close()
            status, retry_after = 0, True
            self.errors[f"{type(error).__name__} after {connection.calls_before} calls"] += 1
        self.taken.setdefault(status, []).append(asyncio.get_running_loop().time() - began)
        self.without_retry_after += status == 503 and not retry_after


class _Connection:
    """Opened when asked, and again after the other side said that it closes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.calls = 0
        self.calls_before = 0
        self.writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bool]:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.calls += 1
        self.calls_before = self.calls
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await self.reader.readexactly(length)
        if b"connection: close" in head:
            self.close()
        return int(head[9:12]), b"retry-after: " in head

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer, self.calls = None, 0


def main(words: Sequence[str]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_Caller(**json.loads(words[0])).run())))


if __name__ == "__main__":
    main(sys.argv[1:])
