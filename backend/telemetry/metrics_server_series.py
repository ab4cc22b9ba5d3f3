"""The metrics of the embedded metrics server, read when somebody asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from backend.telemetry import process_metrics as metrics
from backend.telemetry.definitions import Reading, Row, Spread, one

BOUNDS_SECONDS = metrics.QUESTION_SECONDS


@dataclass
class QuestionCounts:
    """Questions answered since the start, by route and status, and how long they took."""

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    buckets: dict[str, list[int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, route: str, status: int, seconds: float) -> None:
        self.answered[route, status] += 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        buckets = self.buckets.setdefault(route, [0] * (len(BOUNDS_SECONDS) + 1))
        buckets[sum(seconds > bound for bound in BOUNDS_SECONDS)] += 1


@dataclass(frozen=True)
class ServerFigures:
    """The questions, and the processes that answer them: questions running and waiting now; refused, and processes ended, since the
    start."""

    questions: QuestionCounts
    running: int
    waiting: int
    refused: int
    killed: int
    crashed: int


ReadServer = Callable[[], ServerFigures]


def readings(figures: ServerFigures) -> list[Reading]:
    """What stands in an exposition of them."""
    questions = figures.questions
    return [
        Reading(metrics.QUESTIONS, [Row((route, str(status)), count) for (route, status), count in sorted(questions.answered.items())]),
        Reading(
            metrics.QUESTION_TIME,
            [Row((route,), Spread(tuple(counts), questions.seconds[route])) for route, counts in sorted(questions.buckets.items())],
        ),
        one(metrics.QUESTIONS_RUNNING, figures.running),
        one(metrics.QUESTIONS_WAITING, figures.waiting),
        one(metrics.QUESTIONS_REFUSED, figures.refused),
        Reading(metrics.PROCESSES_ENDED, (Row(("killed",), figures.killed), Row(("crashed",), figures.crashed))),
    ]
