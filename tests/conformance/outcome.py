"""What was checked and what failed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts entries: an entry passes when each of its comparisons does."""

    total: int = 0
    passed: int = 0
    failures: list[str] = field(default_factory=list)

    def entry(self, identifier: str, differences: list[str]) -> None:
        """One entry of a file, with what differs (nothing: it passes)."""
        self.total += 1
        self.passed += not differences
        self.failures += [f"{identifier}: {difference}" for difference in differences]
