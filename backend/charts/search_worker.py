"""The process that searches: takes one task after the other over the wire to its parent, and ends with that wire.

``python -m backend.charts.search_worker DESCRIPTOR FOLDER MODE``; started by ``SearchProcess`` alone.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

from backend.charts.budget import Budget
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.search_messages import CANCEL, Outcome, Task, from_error, outcomes
from backend.charts.vocabulary import Mode

GRACE_SECONDS = 1.0


class Worker:
    """Listens in one thread, so that a cancellation, or the parent's end, is heard while the other searches."""

    def __init__(self, wire: Connection, ephemeris: Ephemeris) -> None:
        self._wire, self._ephemeris = wire, ephemeris
        self._tasks: SimpleQueue[bytes | None] = SimpleQueue()
        self._cancelled, self._ended = threading.Event(), threading.Event()

    def listen(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                self._hear(self._wire.recv_bytes())
        self._cancelled.set()
        self._tasks.put(None)
        if not self._ended.wait(GRACE_SECONDS):
            os._exit(1)

    def _hear(self, message: bytes) -> None:
        if message == CANCEL:
            self._cancelled.set()
        else:
            self._cancelled.clear()
            self._tasks.put(message[1:])

    def work(self) -> None:
        """Until the wire ends, which is the end of the parent or its wish."""
        threading.Thread(target=self.listen, name="wire", daemon=True).start()
        with suppress(OSError):
            while (task := self._tasks.get()) is not None:
                for outcome in self._outcomes(task):
                    self._wire.send_bytes(pickle.dumps(outcome))
        self._ended.set()

    def _outcomes(self, message: bytes) -> Iterable[Outcome]:
        try:
            task: Task = pickle.loads(message)
            budget = Budget(task.seconds, time.monotonic, self._cancelled.is_set)
            return outcomes(self._ephemeris.run(lambda sky: task.job(sky, budget, *task.args, **task.kwargs)))
        except Exception as error:  # noqa: BLE001 - it is raised again where the task came from
            return [Outcome(error=from_error(error))]


def main(arguments: list[str]) -> None:
    descriptor, folder, mode = arguments
    ephemeris = Ephemeris(Path(folder), Mode(mode))
    Worker(Connection(int(descriptor)), ephemeris).work()
    ephemeris.close()


if __name__ == "__main__":
    main(sys.argv[1:])
