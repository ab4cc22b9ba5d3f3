"""The server's end of the wire to one process that answers."""

from __future__ import annotations

import asyncio
import os
import pickle
import socket
import subprocess
import sys
from pathlib import Path

from backend.children import Command, spawn
from backend.metrics_server.questions import Question, Said
from backend.metrics_server.worker import Work

_ROOT = Path(__file__).resolve().parents[2]
_MODULE = "backend.metrics_server.worker"
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")  # queries run beside each other, not in themselves
# glibc hands freed arrays back to the system and then takes them again page by page: half the time of a query over gaps
_KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(64 << 20), "MALLOC_TRIM_THRESHOLD_": str(128 << 20)}
_END_SECONDS = 0.5
_START_SECONDS = 30.0


class Child:
    """Frames are those of ``multiprocessing.connection``: a length in four bytes, or -1 and one in eight."""

    def __init__(self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, work: Work) -> Child:
        """Ready to be asked, so that no question pays for it. Called in the main thread, with whose end the process ends.

        OSError, EOFError or TimeoutError when it does not come up.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            words = (sys.executable, "-m", _MODULE, str(theirs.fileno()))
            process = spawn(Command(words, {**os.environ, **_ONE_THREAD, **_KEEP_MEMORY}, _ROOT, (theirs.fileno(),)))
        child = cls(process, *await asyncio.open_connection(sock=ours))
        try:
            async with asyncio.timeout(_START_SECONDS):
                await child._send(pickle.dumps(work))
                await child._received()
        except BaseException:
            await child.end()
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None and not self._reader.at_eof()

    async def ask(self, question: Question) -> Said:
        await self._send(pickle.dumps(question))
        said: Said = pickle.loads(await self._received())
        return said

    async def end(self) -> None:
        """Idle, it goes when the wire does; busy, it is made to."""
        self._writer.close()
        for _ in range(round(_END_SECONDS / 0.02)):
            if self._process.poll() is not None:
                return
            await asyncio.sleep(0.02)
        self._process.kill()
        self._process.wait()

    async def _send(self, message: bytes) -> None:
        size = len(message)
        head = size.to_bytes(4, "big", signed=True) if size < 2**31 else b"\xff" * 4 + size.to_bytes(8, "big")
        self._writer.write(head + message)
        await self._writer.drain()

    async def _received(self) -> bytes:
        size = int.from_bytes(await self._reader.readexactly(4), "big", signed=True)
        if size < 0:
            size = int.from_bytes(await self._reader.readexactly(8), "big")
        return await self._reader.readexactly(size)
