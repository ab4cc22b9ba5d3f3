"""When a circuit opens, how long it waits and what closes it: the figures, and the rules that need nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from backend.resilience.window import Health


@dataclass(frozen=True)
class Policy:
    """The figures of one circuit; the same in every process and in the shared scripts."""

    window: Literal["time", "count"] = "time"  # what this process judges by; the fleet's window is always one of time
    window_calls: int = 100
    window_seconds: float = 30.0
    slots: int = 30
    minimum_calls: int = 10
    failure_ratio: float = 0.5
    slow_seconds: float = 1.0
    slow_ratio: float = 0.9
    minimum_reporters: int = 2  # instances that must have seen trouble before all are stopped (1 where one alone calls)
    wait_seconds: float = 5.0
    longest_wait_seconds: float = 60.0
    jitter: float = 0.2
    probes: int = 3  # good probes in a row that close the circuit
    concurrent_probes: int = 1  # under way at once: in the whole fleet, or in this process where that cannot be heard
    lease_seconds: float = 2.0  # how long a probe may be silent before another is allowed
    ramp_seconds: float = 2.0  # after closing, calls are let in by a growing share for this long; 0: all at once

    @property
    def slot_seconds(self) -> float:
        return self.window_seconds / self.slots

    def same_window(self, other: Policy) -> bool:
        """Whether what was counted under the other may go on being used."""
        return (self.window, self.window_calls, self.window_seconds, self.slots) == (
            other.window,
            other.window_calls,
            other.window_seconds,
            other.slots,
        )

    def tripped_by(self, health: Health) -> bool:
        """Whether this much trouble among that many calls is enough to stop calling."""
        if health.calls < self.minimum_calls:
            return False
        return health.bad >= self.failure_ratio * health.calls or health.slow >= self.slow_ratio * health.calls

    def wait_after(self, rounds: int, chance: float) -> float:
        """Seconds to stay open after ``rounds`` failed recoveries: doubled to a cap, then up to ``jitter`` more by ``chance`` in [0, 1)."""
        doubled = self.wait_seconds * 2.0 ** min(rounds, 30)
        return min(doubled, self.longest_wait_seconds) * (1 + self.jitter * chance)
