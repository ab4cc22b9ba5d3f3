"""How much a store is used: what is under way, how long it takes and waits, and what fails; kept for whoever asks."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from backend.errors import StorageUnavailable

BOUNDS_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass
class Times:
    """How many took up to each bound (one more for what lies beyond), and their sum in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_SECONDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.total += seconds


class Usage:
    """Of one store in one process; ``operations`` are the kinds there are."""

    def __init__(self, *operations: str) -> None:
        self._lock = threading.Lock()
        self.operations = {operation: Times() for operation in operations}
        self.waits = Times()
        self.errors: Counter[str] = Counter({"late": 0, "away": 0})
        self.in_use = 0

    @contextmanager
    def of(self, operation: str) -> Iterator[Callable[[], None]]:
        """Around one operation; call what it gives once there is a connection to work on."""
        began = perf_counter()
        with self._lock:
            self.in_use += 1
        failed = ""
        try:
            yield lambda: self._began(perf_counter() - began)
        except StorageUnavailable as error:
            failed = "late" if error.late else "away"
            raise
        finally:
            self._ended(operation, perf_counter() - began, failed)

    def _began(self, seconds: float) -> None:
        with self._lock:
            self.waits.add(seconds)

    def _ended(self, operation: str, seconds: float, failed: str) -> None:
        with self._lock:
            self.in_use -= 1
            self.operations[operation].add(seconds)
            if failed:
                self.errors[failed] += 1
