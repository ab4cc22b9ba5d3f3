"""Asks the queries of many panels at once, each within a deadline, and once for all who look within the same moment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from backend.answer import Empty, Failed, Fresh, Reading
from backend.clock import Clock
from backend.errors import QueryProblem, ServiceError
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.source import MetricsSource
from backend.resilience import deadline

SOURCE = "metrics"
AT_A_TIME = 4  # as many as the server of the embedded store answers together
ENTRIES = 256
LARGEST_KEPT = 400_000  # numbers in all answers that are remembered together, beyond what is just being asked


@dataclass(frozen=True)
class Asked:
    """One question as it was put. ``reading`` None: the query itself is wrong or too dear, and ``problem`` says how."""

    text: str
    start: datetime
    end: datetime
    step_seconds: float
    reading: Reading[QueryResult] | None
    problem: QueryProblem | None = None
    took_seconds: float = 0.0

    @property
    def result(self) -> QueryResult | None:
        """What is known, fresh or old."""
        found: QueryResult | None = getattr(self.reading, "value", None)
        return found


@dataclass(frozen=True)
class Question:
    """A query over a span; start and end stand on whole steps, so that everybody's question in the same bucket is the same."""

    text: str
    start: datetime
    end: datetime
    step_seconds: float


class Asker:
    """Threads of its own, so that a source that hangs holds up nothing else. ``close()`` it."""

    def __init__(self, source: MetricsSource, clock: Clock, seconds: float, *, at_a_time: int = AT_A_TIME) -> None:
        self._source = source
        self._clock = clock
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(at_a_time, "panels")
        self._lock = Lock()
        self._known: OrderedDict[Question, Future[Asked]] = OrderedDict()

    def ask(self, question: Question) -> Future[Asked]:
        """The answer to come; one that was good, or is on its way, serves everybody who asks the same."""
        with self._lock:
            known = self._known.get(question)
            if known is not None and (not known.done() or _is_good(known)):
                self._known.move_to_end(question)
                return known
            due = self._clock.monotonic() + self._seconds
            future = self._known[question] = self._pool.submit(self._answer, question, due)
            self._trim()
            return future

    def known(self, questions: Sequence[Question]) -> tuple[Asked, ...] | None:
        """What is remembered of all of these; None where one is missing."""
        with self._lock:
            found = [self._known.get(question) for question in questions]
        good = [future.result() for future in found if future is not None and future.done() and _is_good(future)]
        return tuple(good) if len(good) == len(questions) else None

    def wait(self, future: Future[Asked], question: Question, begun: float) -> Asked:
        """The answer, or that there was none within the time that counts from ``begun`` (of the clock's ``monotonic``)."""
        left = begun + self._seconds - self._clock.monotonic()
        try:
            return future.result(timeout=max(0.0, left))
        except TimeoutError:
            return self._late(question)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, question: Question, due: float) -> Asked:
        begun = self._clock.monotonic()
        if begun >= due:  # it waited behind others all its time
            return self._late(question)
        reading: Reading[QueryResult] | None = None
        problem: QueryProblem | None = None
        try:
            with deadline.within(due - begun, self._clock):
                reading = self._source.range(question.text, question.start, question.end, question.step_seconds)
        except QueryProblem as wrong:
            problem = wrong
        except ServiceError as error:
            reading = Failed(SOURCE, error.detail, self._clock.now())
        return _asked(question, reading, problem, self._clock.monotonic() - begun)

    def _late(self, question: Question) -> Asked:
        why = f"the metrics server did not answer within {self._seconds:g} s"
        return _asked(question, Failed(SOURCE, why, self._clock.now()), None, self._seconds)

    def _trim(self) -> None:
        """Forget the least recently asked; answers that are large together count as many."""
        held = 0
        for place, (question, future) in enumerate(reversed(list(self._known.items()))):
            held += _size(future)
            if future.done() and place and (place >= ENTRIES or held > LARGEST_KEPT):
                del self._known[question]


def _asked(question: Question, reading: Reading[QueryResult] | None, problem: QueryProblem | None, took: float) -> Asked:
    return Asked(question.text, question.start, question.end, question.step_seconds, reading, problem, took)


def _is_good(future: Future[Asked]) -> bool:
    """A failure is remembered for nobody: the next who asks may have more luck."""
    return not future.cancelled() and future.exception() is None and isinstance(future.result().reading, Fresh | Empty)


def _size(future: Future[Any]) -> int:
    if not future.done() or future.cancelled() or future.exception() is not None:
        return 0
    found = future.result().result
    return sum(len(curve.times) for curve in found.curves) if found else 0
