"""The one thread that owns the library."""

from __future__ import annotations

import threading

import pytest

from backend.charts.engine.computing_thread import ComputingThread


def test_every_job_runs_on_the_same_thread() -> None:
    worker = ComputingThread("worker")
    seen = []
    callers = [threading.Thread(target=lambda: seen.append(worker.run(threading.get_ident))) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(seen) == 20 and set(seen) != {threading.get_ident()} and len(set(seen)) == 1
    worker.close()


def test_what_a_job_raises_is_raised_where_it_came_from() -> None:
    worker = ComputingThread("worker")
    with pytest.raises(ZeroDivisionError):
        worker.run(lambda: 1 / 0)
    assert worker.run(lambda: 5) == 5
    worker.close()


def test_after_its_end_it_refuses_and_does_not_wait() -> None:
    worker = ComputingThread("worker")
    worker.close()
    with pytest.raises(RuntimeError, match="ended"):
        worker.run(lambda: 5)
