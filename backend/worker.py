"""The worker: which job, how often, and a clean stop. The jobs themselves live in the capabilities.

Any number of workers may run. Each job may be done twice without harm: applying an override is fenced by its epoch, ending and
purging find nothing the second time, and a second reading of the same counters changes no rate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from backend.clock import Clock
from backend.errors import StorageUnavailable
from backend.telemetry.logging import log
from backend.telemetry.series import Series

LOG = log(__name__)
LONGEST_REST_SECONDS = 1.0


@dataclass(frozen=True)
class Job:
    """Something to do again and again, ``every_seconds`` after it was begun."""

    name: str
    every_seconds: float
    act: Callable[[], object]


class Worker:
    """Does each job when it is due, one after the other; a job that fails is logged and done again when next due."""

    def __init__(self, jobs: Sequence[Job], clock: Clock, series: Series) -> None:
        self._clock = clock
        self._series = series
        self._due = {job: clock.monotonic() for job in jobs}
        self._away: set[str] = set()
        for job in jobs:
            series.expect_job(job.name, job.every_seconds)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Until ``wait(seconds)``, an event's, says that it is time to stop; a job under way is finished, and no other begun."""
        while not wait(self.rest()):
            for job in self._begun():
                self._do(job)
                if wait(0):
                    return

    def rest(self) -> float:
        """Seconds until the next job is due."""
        return max(0.0, min((*self._due.values(), self._clock.monotonic() + LONGEST_REST_SECONDS)) - self._clock.monotonic())

    def _begun(self) -> Iterator[Job]:
        """Each job that is due, noted as begun."""
        for job, due in self._due.items():
            now = self._clock.monotonic()
            if now >= due:
                self._due[job] = now + job.every_seconds
                yield job

    def _do(self, job: Job) -> None:
        begun = self._clock.monotonic()
        outcome = self._outcome(job)
        self._series.job_done(job.name, outcome, self._clock.monotonic() - begun, self._clock.now().timestamp())

    def _outcome(self, job: Job) -> str:
        """The one place where every error ends: the next job must come, whatever befell this one."""
        try:
            job.act()
        except StorageUnavailable as error:
            if job.name not in self._away:  # said once, not each second
                LOG.warning("store_away", job=job.name, store=error.store)
            self._away.add(job.name)
            return "store_away"
        except Exception:
            LOG.error("job_failed", job=job.name, exc_info=True)
            return "failed"
        if job.name in self._away:
            LOG.info("store_back", job=job.name)
            self._away.discard(job.name)
        return "ok"
