"""The metrics of the embedded metrics server, read when somebody asks for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


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


class MetricsServerCollector(Collector):
    """Costs nothing until it is asked."""

    def __init__(self, read: ReadServer) -> None:
        self._read = read

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        figures = self._read()
        answered = CounterMetricFamily(
            "astrolabe_metrics_questions", "Questions to the metrics server, by route and status.", labels=["route", "status"]
        )
        for (route, status), count in sorted(figures.questions.answered.items()):
            answered.add_metric([route, str(status)], count)
        yield answered
        yield _durations(figures.questions)
        yield GaugeMetricFamily("astrolabe_metrics_questions_running", "Questions being answered now.", figures.running)
        yield GaugeMetricFamily("astrolabe_metrics_questions_waiting", "Questions in line now.", figures.waiting)
        yield CounterMetricFamily("astrolabe_metrics_questions_refused", "Questions refused because too many waited.", figures.refused)
        ended = CounterMetricFamily("astrolabe_metrics_processes_ended", "Answering processes that a question ended.", labels=["how"])
        ended.add_metric(["killed"], figures.killed)
        ended.add_metric(["crashed"], figures.crashed)
        yield ended


def _durations(questions: QuestionCounts) -> HistogramMetricFamily:
    family = HistogramMetricFamily("astrolabe_metrics_question_seconds", "Time of a question to the metrics server.", labels=["route"])
    for route, counts in sorted(questions.buckets.items()):
        total, buckets = 0, []
        for bound, count in zip([*map(str, BOUNDS_SECONDS), "+Inf"], counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric([route], buckets, questions.seconds[route])
    return family
