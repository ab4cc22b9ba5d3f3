"""What one query may cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from backend.clock import Clock
from backend.errors import QueryProblem


@dataclass(frozen=True)
class Limits:
    """``samples`` bounds what a query keeps at once and all its subqueries make, ``seconds`` what it may read."""

    seconds: float = 10.0
    samples: int = 20_000_000
    points: int = 11_000
    text_bytes: int = 4096


class Budget:
    """Counts for one query; QueryProblem('timeout' or 'execution') when it is spent."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._deadline = clock.monotonic() + limits.seconds
        self._held = 0
        self._made = 0
        self.read_samples = 0

    def check(self) -> None:
        if self._clock.monotonic() > self._deadline:
            raise QueryProblem("timeout", f"the query took longer than {self._limits.seconds:g} s")

    def read(self, samples: int) -> None:
        """So many were taken from the source, and will be let go."""
        self.read_samples += samples
        self.check()

    def hold(self, samples: int) -> None:
        """So many are made and kept; asked before memory is."""
        self._held += samples
        self._count()

    def make(self, samples: int) -> None:
        """So many are made by a subquery; they count to the end, as making them takes time whether they are kept or not."""
        self._made += samples
        self._count()

    @contextmanager
    def passing(self) -> Iterator[None]:
        """What is held inside has been let go at the end."""
        before = self._held
        yield
        self._held = before

    def _count(self) -> None:
        if self._held + self._made > self._limits.samples:
            raise QueryProblem("execution", f"the query keeps more than {self._limits.samples} samples")
        self.check()
