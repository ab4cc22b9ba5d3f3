"""A real API process: two ports, a clean stop that finishes what was begun, a taken port."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.api.serve import listening
from tests.conformance.inputs import BASE
from tests.conformance.wire import Answer, Message, send
from tests.unit.api.builders import KEY

pytestmark = pytest.mark.processes
ROOT = Path(__file__).parents[3]
CHART = Message("POST", "/v1/charts", (("X-Api-Key", KEY), ("Content-Type", "application/json")), json.dumps(BASE).encode())


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.api.fleet_process"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def operations_address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r'"operations_url":"([^"]+)"', line):
            return found[1]
    raise AssertionError("it never said where its operations port is")


def test_a_stop_finishes_what_was_begun_and_withdraws(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    public, operations = process.stdout.readline().strip(), operations_address(process)
    assert send(operations, Message("GET", "/metrics")).status == 200
    assert send(public, Message("GET", "/metrics")).status == 401
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(send(public, CHART)))
    asking.start()
    while b"astrolabe_http_requests_in_flight 2.0" not in send(operations, Message("GET", "/metrics")).body:
        pass
    process.send_signal(signal.SIGTERM)
    asking.join(10)
    output, log = process.communicate(timeout=10)
    assert process.returncode == 0, log
    assert answers[0].status == 200
    assert "alive: 0, recorded: 2" in output
    assert '"event":"api_stopped"' in log


def test_a_taken_port_is_an_os_error() -> None:
    with listening("127.0.0.1", 0) as first, pytest.raises(OSError):
        listening("127.0.0.1", first.getsockname()[1])
