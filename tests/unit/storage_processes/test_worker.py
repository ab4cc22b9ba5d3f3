"""The worker's loop: what is due is done, a failing job does not end it, and a stop is clean."""

from __future__ import annotations

import pytest

from backend.errors import StorageUnavailable
from backend.telemetry.series import Series
from backend.worker import Job, Worker
from tests.support.clock import ManualClock
from tests.support.expositions import read_exposition


class Journal:
    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.done: list[tuple[str, float]] = []
        self._began = clock.monotonic()

    def job(self, name: str, every: float, error: Exception | None = None) -> Job:
        def act() -> None:
            self.done.append((name, self.clock.monotonic() - self._began))
            if error is not None:
                raise error

        return Job(name, every, act)

    def run_for(self, worker: Worker, seconds: float) -> None:
        until = self.clock.monotonic() + seconds

        def wait(rest: float) -> bool:
            self.clock.sleep(rest)
            return self.clock.monotonic() > until

        worker.run(wait)

    def times(self, name: str) -> list[float]:
        return [round(at, 6) for done, at in self.done if done == name]


@pytest.fixture
def journal(clock: ManualClock) -> Journal:
    return Journal(clock)


def test_each_job_is_done_at_once_and_then_at_its_interval(journal: Journal, clock: ManualClock) -> None:
    journal.run_for(Worker([journal.job("apply", 1.0), journal.job("scrape", 5.0)], clock, Series("1", "worker")), 10.0)
    assert journal.times("apply") == [float(second) for second in range(11)]
    assert journal.times("scrape") == [0.0, 5.0, 10.0]


@pytest.mark.parametrize("error", [RuntimeError("a fault"), StorageUnavailable("sql")])
def test_a_failing_job_comes_again_and_hinders_no_other(journal: Journal, clock: ManualClock, error: Exception) -> None:
    journal.run_for(Worker([journal.job("bad", 2.0, error), journal.job("good", 2.0)], clock, Series("1", "worker")), 4.0)
    assert journal.times("bad") == journal.times("good") == [0.0, 2.0, 4.0]


def test_a_slow_job_is_not_made_up_for(journal: Journal, clock: ManualClock) -> None:
    slow = Job("slow", 5.0, lambda: clock.advance(12.0))
    journal.run_for(Worker([slow, journal.job("apply", 1.0)], clock, Series("1", "worker")), 13.0)
    assert journal.times("apply") == [12.0, 24.0] or journal.times("apply")[0] == 12.0


def test_a_stop_is_heeded_before_the_next_job(journal: Journal, clock: ManualClock) -> None:
    Worker([journal.job("apply", 1.0)], clock, Series("1", "worker")).run(lambda _seconds: True)
    assert journal.done == []


def test_a_store_that_comes_back_is_noted_once(journal: Journal, clock: ManualClock) -> None:
    state = {"away": True}

    def act() -> None:
        if state["away"]:
            raise StorageUnavailable("sql")

    worker = Worker([Job("scrape", 1.0, act)], clock, Series("1", "worker"))
    journal.run_for(worker, 3.0)
    state["away"] = False
    journal.run_for(worker, 2.0)
    assert worker.rest() <= 1.0


def test_a_stop_asked_for_during_a_job_lets_it_finish_and_begins_no_other(journal: Journal, clock: ManualClock) -> None:
    asked = {"to stop": False}
    first = Job("first", 1.0, lambda: (journal.done.append(("first", 0.0)), asked.update({"to stop": True})))
    Worker([first, journal.job("second", 1.0)], clock, Series("1", "worker")).run(lambda _seconds: asked["to stop"])
    assert [name for name, _ in journal.done] == ["first"]


def test_what_becomes_of_each_job_is_counted_with_its_time_and_its_last_success(journal: Journal, clock: ManualClock) -> None:
    series = Series("1", "worker")
    slow = Job("slow", 5.0, lambda: clock.advance(2.0))
    jobs = [slow, journal.job("away", 5.0, StorageUnavailable("sql")), journal.job("bad", 5.0, RuntimeError("a fault"))]
    journal.run_for(Worker(jobs, clock, series), 4.0)
    found = {
        (one.name, *(one.labels.get(label) for label in ("task", "outcome"))): one.value for one in read_exposition(series.exposition())
    }
    runs = {key[1:]: value for key, value in found.items() if key[0] == "astrolabe_job_runs_total" and value}
    assert runs == {("slow", "ok"): 1, ("away", "store_away"): 1, ("bad", "failed"): 1}
    assert found["astrolabe_job_runs_total", "slow", "failed"] == 0
    assert found["astrolabe_job_seconds_sum", "slow", None] == 2.0
    success = {job: found["astrolabe_job_last_success_timestamp_seconds", job, None] for job in ("slow", "bad")}
    assert success["slow"] > 0 == success["bad"]
    assert found["astrolabe_job_every_seconds", "slow", None] == 5.0
