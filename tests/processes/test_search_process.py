"""The process for searches: it answers, refuses, stops when told, comes back when it has died, and never outlives its parent."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.charts.budget import Budget
from backend.charts.engine.ephemeris import Ephemeris
from backend.charts.engine.files import DATA
from backend.charts.search_process import SearchProcess
from backend.charts.vocabulary import Mode
from backend.clock import SystemClock
from backend.errors import BulkheadFull, ComputationFailed, DeadlineExceeded, InvalidRequest
from tests.support import search_jobs as jobs
from tests.support.processes import until
from tests.support.product import ROOT

pytestmark = pytest.mark.processes
FOLDER = DATA / "ephemeris"
LONG = 30.0
PARENT = """
import sys, time
from backend.charts.search_process import SearchProcess
from backend.charts.engine.files import DATA
from backend.charts.vocabulary import Mode
from backend.clock import SystemClock
from tests.support import search_jobs as jobs
import threading
searching = SearchProcess(DATA / "ephemeris", Mode.FILES, SystemClock())
searching.run(jobs.sun, (2460000.5,), {}, 30.0, lambda: False)
threading.Thread(target=lambda: searching.run(jobs.deaf, (30.0,), {}, 60.0, lambda: False), daemon=True).start()
time.sleep(0.2)
print(searching.pid, flush=True)
time.sleep(60)
"""


def never() -> bool:
    return False


@pytest.fixture(scope="module")
def searching() -> Iterator[SearchProcess]:
    process = SearchProcess(FOLDER, Mode.FILES, SystemClock(), most_waiting=1)
    process.run(jobs.sun, (2460000.5,), {}, LONG, never)
    yield process
    process.close()
    assert process.pid is None


def test_nothing_is_started_before_the_first_search() -> None:
    process = SearchProcess(FOLDER, Mode.FILES, SystemClock())
    assert process.pid is None
    process.close()


def test_a_search_there_finds_what_it_finds_here(searching: SearchProcess) -> None:
    ephemeris, budget = Ephemeris(FOLDER), Budget(LONG, time.monotonic)
    here = ephemeris.run(lambda sky: jobs.sun(sky, budget, 2451545.0, doubled=True))
    ephemeris.close()
    assert searching.run(jobs.sun, (2451545.0,), {"doubled": True}, LONG, never) == here


@pytest.mark.parametrize("count", [0, 1, 400, 401, 20_000])
def test_a_long_answer_travels_in_parts_and_arrives_whole(searching: SearchProcess, count: int) -> None:
    found = searching.run(jobs.long_list, (count,), {}, LONG, never)
    assert found == jobs.long_list(None, None, count)  # type: ignore[arg-type]
    assert max((len(part.events) for part in found.parts()), default=0) <= 400


def test_what_a_search_refuses_is_refused_here_with_each_field(searching: SearchProcess) -> None:
    with pytest.raises(InvalidRequest) as refused:
        searching.run(jobs.refusing, (), {}, LONG, never)
    assert [(problem.field, problem.code, problem.detail) for problem in refused.value.problems] == [
        ("end", "too_many_events", "are too many"),
        ("start", "odd", "is odd"),
    ]


def test_a_fault_of_ours_is_logged_by_its_place_and_told_without_it(searching: SearchProcess) -> None:
    with capture_logs() as logged, pytest.raises(ComputationFailed) as failed:
        searching.run(jobs.broken, ("1990-06-15",), {}, LONG, never)
    assert str(failed.value) == "the search failed"
    (line,) = [line for line in logged if line["event"] == "search_failed"]
    assert line["error"].startswith("ZeroDivisionError in tests.support.search_jobs:")
    assert "1990" not in str(line)


def test_a_search_ends_with_its_budget_and_the_process_goes_on(searching: SearchProcess) -> None:
    before, began = searching.pid, time.monotonic()
    with pytest.raises(DeadlineExceeded, match="longer than it may"):
        searching.run(jobs.patient, (LONG,), {}, 0.2, never)
    assert time.monotonic() - began < 2
    assert searching.pid == before


def test_a_search_ends_when_its_caller_has_gone_and_the_process_goes_on(searching: SearchProcess) -> None:
    before, began = searching.pid, time.monotonic()
    with pytest.raises(DeadlineExceeded, match="cancelled"):
        searching.run(jobs.patient, (LONG,), {}, LONG, lambda: time.monotonic() - began > 0.2)
    assert time.monotonic() - began < 2
    assert searching.pid == before
    assert searching.run(jobs.patient, (0.01,), {}, LONG, never) == "done"


def test_a_search_that_does_not_stop_is_ended_with_its_process_and_the_next_has_a_new_one(searching: SearchProcess) -> None:
    before = searching.pid
    with pytest.raises(DeadlineExceeded):
        searching.run(jobs.deaf, (LONG,), {}, 0.1, never)
    assert searching.pid is None
    assert searching.run(jobs.patient, (0.01,), {}, LONG, never) == "done"
    assert searching.pid not in (None, before)


def test_after_a_death_in_the_middle_the_caller_is_told_and_the_next_search_is_done(searching: SearchProcess) -> None:
    with pytest.raises(ComputationFailed, match="interrupted"):
        searching.run(jobs.dying, (), {}, LONG, never)
    assert searching.run(jobs.patient, (0.01,), {}, LONG, never) == "done"


def test_a_second_search_waits_its_turn_a_third_is_refused_and_one_in_line_may_leave(searching: SearchProcess) -> None:
    outcomes: dict[str, Any] = {}

    def search(name: str, seconds: float) -> None:
        try:
            outcomes[name] = searching.run(jobs.patient, (1.0,), {}, seconds, never)
        except (DeadlineExceeded, BulkheadFull) as error:
            outcomes[name] = type(error)

    first, second = (threading.Thread(target=search, args=(name, LONG)) for name in ("first", "second"))
    first.start()
    time.sleep(0.1)
    second.start()
    time.sleep(0.1)
    search("third", LONG)
    assert outcomes == {"third": BulkheadFull}
    first.join()
    search_in_line = threading.Thread(target=search, args=("impatient", 0.1))
    search_in_line.start()
    search_in_line.join()
    second.join()
    assert outcomes == {"first": "done", "second": "done", "third": BulkheadFull, "impatient": DeadlineExceeded}


def test_it_ends_with_its_parent_even_in_the_middle_of_a_search_that_asks_nobody() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(next(line for line in parent.stdout if line.strip().isdigit()))
    assert Path(f"/proc/{child}").exists()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert until(lambda: not running(child), 5.0)


def running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
