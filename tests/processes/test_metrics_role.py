"""The metrics server as a real process: hostile questions, answering processes that die or hang, and its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.support.metrics_api import MetricsApi
from tests.support.metrics_role import MetricsRole
from tests.support.processes import until
from tests.support.promql_expressions import BASE, samples

HOSTILE = {
    "five thousand terms": "+".join(["1"] * 5000),
    "two thousand terms, short enough": "+".join(["1"] * 2000),
    "two thousand parentheses": "(" * 2000 + "1" + ")" * 2000,
    "two thousand signs": "-" * 2000 + "1",
    "three hundred calls": "abs(" * 300 + "load" + ")" * 300,
    "more than 4 KB": 'load{host="' + "a" * 4096 + '"}',
    "nothing that parses": "\x00\xff{{}}[",
    "an open string": 'load{host="',
    "the other language's or": '{host="a" or job="b"}',
    "a moment out of range": "load @ 1e300",
    "every sample there could be": "count_over_time(vector(1)[1000d:1ms])",
    "subqueries in subqueries": "sum_over_time(sum_over_time(load[1h:1s])[60d:1s])",
}
ANSWERED = {
    "a bomb for backtracking expressions": 'load{host=~"(a+)+$"}',
    "a large repetition": 'load{host=~"(a|b|c){900}"}',
    "a moment before all": "load @ -1",
}


@pytest.fixture(scope="module")
def role(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetricsRole]:
    with MetricsRole(tmp_path_factory.mktemp("role")) as role:
        MetricsApi(role.url).write(samples(Random(1)))
        yield role


def ask(role: MetricsRole, query: str, timeout: str = "3s") -> httpx.Response:
    params = {"query": query, "time": str(BASE + 1817), "timeout": timeout}
    return httpx.post(f"{role.url}/api/v1/query", data=params, timeout=30.0)


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_query_is_refused_by_name_and_harms_nobody(role: MetricsRole, query: str) -> None:
    answer = ask(role, query)
    assert answer.status_code in (400, 422, 503), answer.text[:300]
    assert answer.json()["errorType"] in ("bad_data", "execution", "timeout")
    assert ask(role, "sum(load)").status_code == 200
    assert role.process.poll() is None


@pytest.mark.parametrize("query", ANSWERED.values(), ids=ANSWERED.keys())
def test_what_only_looks_hostile_is_answered(role: MetricsRole, query: str) -> None:
    answer = ask(role, query)
    assert answer.status_code in (200, 400), answer.text[:300]  # an engine may find an expression too large
    assert ask(role, "sum(load)").status_code == 200


def test_a_billion_points_are_refused(role: MetricsRole) -> None:
    params = {"query": "load", "start": "0", "end": "1000000000", "step": "1"}
    answer = httpx.get(f"{role.url}/api/v1/query_range", params=params, timeout=10.0)
    assert (answer.status_code, answer.json()["errorType"]) == (400, "bad_data")


def test_a_process_that_is_killed_over_a_question_costs_that_question_alone(role: MetricsRole) -> None:
    with _held(role) as held, ThreadPoolExecutor(2) as threads:
        asked = threads.submit(ask, role, "sum(load)", "10s")
        assert until(lambda: _running(role) == 1)
        assert threads.submit(ask, role, "count(load)").result().status_code == 200
        for pid in held:
            os.kill(pid, signal.SIGKILL)
        answer = asked.result()
    assert (answer.status_code, answer.json()["errorType"]) == (422, "execution")
    assert ask(role, "sum(load)").status_code == 200


def test_a_process_that_hangs_is_ended_in_time(role: MetricsRole) -> None:
    with _held(role) as held:
        answer = ask(role, "sum(load)", timeout="100ms")
        assert (answer.status_code, answer.json()["errorType"]) == (503, "timeout")
        assert until(lambda: not all(Path(f"/proc/{pid}").exists() for pid in held))
    assert 'astrolabe_metrics_processes_ended_total{how="killed"} 0.0' not in httpx.get(f"{role.url}/metrics").text


def test_what_is_being_answered_at_the_end_is_answered(role: MetricsRole) -> None:
    """The last of these: it ends the role."""
    with ThreadPoolExecutor(1) as threads:
        with _held(role) as held:
            asked = threads.submit(ask, role, "1 + 1", "10s")
            assert until(lambda: _running(role) == 1)
            role.process.send_signal(signal.SIGTERM)
            assert until(lambda: not _accepts(role))
        assert asked.result().json()["data"]["result"][1] == "2"
    assert role.process.wait(20) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in held)


@contextmanager
def _held(role: MetricsRole) -> Iterator[list[int]]:
    """Every process that answers, at least one of them, stopped meanwhile."""
    assert ask(role, "1").status_code == 200
    held = role.answering()
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield held
    finally:
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _running(role: MetricsRole) -> int:
    lines = httpx.get(f"{role.url}/metrics").text.splitlines()
    return int(next(float(line.split()[-1]) for line in lines if line.startswith("astrolabe_metrics_questions_running ")))


def _accepts(role: MetricsRole) -> bool:
    try:
        httpx.get(f"{role.url}/livez", timeout=1.0)
    except httpx.TransportError:
        return False
    return True
