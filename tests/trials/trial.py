"""What a trial is: the claim it carries, and what is run to show it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trial:
    """``shows`` is the claim; ``words`` are what Python is given to run; ``rounds`` is how often each test repeats itself."""

    shows: str
    words: tuple[str, ...]
    rounds: int = 1

    @classmethod
    def of_tests(cls, shows: str, tests: tuple[str, ...], rounds: int) -> Trial:
        return cls(shows, ("-m", "pytest", *tests, "--timeout", "7200", "--durations=5"), rounds)
