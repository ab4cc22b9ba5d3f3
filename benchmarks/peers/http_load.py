"""One request again and again over many connections, each as soon as the last was answered; prints how many, how fast, how many bad.

``python -m benchmarks.peers.http_load PORT CONNECTIONS SECONDS``; the request's bytes come on the standard input. The client does as
little as it can: it reads the status, the length, and the bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

import uvloop

_END = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request = request
        self._until = until
        self._left = 0
        self._head = b""
        self._sent = 0.0
        self.answered = 0
        self.bad = 0
        self.seconds: list[float] = []
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._left > 0:
            self._left -= len(data)
        else:
            head, end, content = (self._head + data).partition(_END)
            if not end:
                self._head = head
                return
            self._head = b""
            self.bad += not head.startswith(b"HTTP/1.1 200")
            self._left = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0]) - len(content)
        if self._left <= 0:
            self._answered()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        if not self.done.done():
            self.bad += 1
            self.done.set_result(None)

    def _answered(self) -> None:
        now = time.perf_counter()
        self.answered += 1
        self.seconds.append(now - self._sent)
        if now >= self._until:
            self.done.set_result(None)
            self._transport.close()
        else:
            self._ask()

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def _load(port: int, connections: int, seconds: float, request: bytes) -> dict[str, float]:
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    made = [await loop.create_connection(lambda: Caller(request, began + seconds), "127.0.0.1", port) for _ in range(connections)]
    callers: list[Any] = [caller for _, caller in made]
    await asyncio.gather(*(caller.done for caller in callers))
    took = time.perf_counter() - began
    each = sorted(second for caller in callers for second in caller.seconds)
    return {
        "answers": len(each),
        "not_200": sum(caller.bad for caller in callers),
        "per_second": len(each) / took,
        "p50_ms": each[len(each) // 2] * 1000,
        "p99_ms": each[len(each) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    _port, _connections, _seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(_load(_port, _connections, _seconds, sys.stdin.buffer.read()))))
