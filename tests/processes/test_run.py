"""The whole product as processes: it starts, heals, isolates in every process, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from backend.accounts.keys import console_token
from backend.identifiers import uuid7
from backend.monitoring.logs.record import Criteria
from backend.monitoring.logs.store import LogStore
from backend.monitoring.requests.store import RequestStore
from backend.storage.database import Database, sqlite_url
from tests.processes.connections import own_addresses, read, strays, watching
from tests.support.figures import note
from tests.support.load import Load
from tests.support.places import place_index_path, with_index
from tests.support.processes import TRIALS, alive_with, until
from tests.support.product import ROOT, Product

__all__ = ["place_index_path"]
pytestmark = pytest.mark.processes
CHART = {"date": "2000-01-01", "time": "12:00", "place": "Berlin"}


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, place_index_path: Path) -> Iterator[Product]:
    """The demo with two API processes, so that there is a geocoder to isolate and a fleet to do it in; its connections are watched."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    environment = {"ASTROLABE_API_PROCESSES": "2", **watching(folder.with_name("connections"))}
    with Product(with_index(folder, place_index_path), "demo", environment) as running:
        yield running


def backend(product: Product, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backend", *words], cwd=ROOT, env=product.environment, capture_output=True, text=True, timeout=60
    )


def chart(product: Product) -> dict[str, Any]:
    """A chart by place name over a connection of its own, so that either process may answer."""
    key = console_token((product.folder / "secret").read_text())
    answer = httpx.post(f"{product.api}/v1/charts", json=CHART, headers={"authorization": f"Bearer {key}"}, timeout=5)
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def whys(product: Product, charts: int = 12) -> set[str]:
    return {why["why"] for _ in range(charts) for why in chart(product)["degraded"]}


def pid_of(product: Product, words: str) -> int:
    return pids_of(product, words)[0]


def pids_of(product: Product, words: str) -> list[int]:
    return [pid for pid in alive_with(str(product.folder)) if words in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")]


def test_api_and_console_answer_and_the_state_is_ours_alone(product: Product) -> None:
    assert httpx.get(f"{product.api}/livez").status_code == 200
    assert httpx.get(f"{product.console}/").headers["location"] == "/login"
    assert stat.S_IMODE(product.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((product.folder / "secret").stat().st_mode) == 0o600
    assert len(product.setup_code) > 20


def test_the_doctor_finds_nothing_wrong(product: Product) -> None:
    found = backend(product, "doctor", "--json")
    assert [finding for finding in json.loads(found.stdout)["findings"] if not finding["ok"]] == []
    assert found.returncode == 0


def test_a_second_run_on_the_same_folder_is_one_sentence(product: Product) -> None:
    refused = backend(product, "run")
    assert refused.returncode == 1
    assert (refused.stdout + refused.stderr).startswith("Another `run` already uses the state folder")
    assert (refused.stdout + refused.stderr).count("\n") == 1


def test_an_isolation_and_its_release_reach_every_process_within_a_second(product: Product) -> None:
    assert until(lambda: whys(product) == set())
    assert backend(product, "breakers", "isolate", "geocoder", "--reason", "a trial of the fleet").returncode == 0
    time.sleep(1.0)
    assert [chart(product)["degraded"][0]["why"] for _ in range(12)] == ["circuit_isolated"] * 12
    applied = json.loads(backend(product, "breakers", "show", "geocoder", "--json").stdout)["circuit"]
    assert [one["applied"] for one in applied["instances"] if one["role"] == "api"] == [True, True]
    assert backend(product, "breakers", "release", "geocoder", "--reason", "the trial is over").returncode == 0
    time.sleep(1.0)
    assert whys(product) == set()
    acts = json.loads(backend(product, "audit", "search", "--json").stdout)["records"][:2]
    assert [(act["act"], act["actor_name"], act["reason"]) for act in acts] == [
        ("circuits.release", "command line", "the trial is over"),
        ("circuits.isolate", "command line", "a trial of the fleet"),
    ]
    assert acts[1]["after"]["expires_at"]


def test_no_process_of_the_demo_opened_a_connection_past_the_pipeline(product: Product) -> None:
    connections = read(product.folder.with_name("connections"))
    assert {"demo-traffic", "worker", "api"} <= {one.process.split()[1] for one in connections if len(one.process.split()) > 1}
    assert strays(connections, own_addresses(product)) == []


def test_the_api_answers_on_while_valkey_is_paused(product: Product) -> None:
    pid = pid_of(product, "valkey-server")
    os.kill(pid, signal.SIGSTOP)
    try:
        ends = time.monotonic() + (30.0 if TRIALS > 3 else 2.0)
        while time.monotonic() < ends:
            chart(product)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert until(lambda: backend(product, "breakers", "show", "geocoder").returncode == 0)


def test_new_processes_of_the_api_take_over_without_a_failed_request(product: Product) -> None:
    """Callers who keep their connection, who open one for each call, and who pause longer than a draining process lingers."""
    before = {pid for pid in alive_with(str(product.folder)) if b"backend\0api" in Path(f"/proc/{pid}/cmdline").read_bytes()}
    key = console_token((product.folder / "secret").read_text())
    with ExitStack() as running:
        kept = running.enter_context(Load(product.api_port, key, 300.0, connections=4))
        anew = running.enter_context(Load(product.api_port, key, 300.0, connections=4, calls_each=1))
        for _ in range(max(1, TRIALS // 10)):
            product.process.send_signal(signal.SIGHUP)
            product.wait_for_line("All processes of the API were replaced.", 90.0)
        seen = {"kept": kept.end(), "opened anew": anew.end()}
    for name, calls in seen.items():
        note(
            f"Rolling restart, connections {name}",
            calls=sum(calls.counts.values()),
            failed=calls.failed,
            p99_ms=calls.percentile_ms(200, 99),
        )
        assert calls.failed == 0, (calls.counts, calls.errors)
    after = {pid for pid in alive_with(str(product.folder)) if b"backend\0api" in Path(f"/proc/{pid}/cmdline").read_bytes()}
    assert len(after) == 2 and not before & after


def test_a_request_is_found_by_its_id_within_five_seconds(product: Product) -> None:
    number, begun = uuid7(datetime.now(UTC)), time.monotonic()
    assert asked(product, number).status_code == 200
    assert until(lambda: known(product, [number]) == {number}, 5.0)
    note("A request was found by its id, with its log line", after_s=round(time.monotonic() - begun, 2))


def test_no_line_that_was_written_is_lost_with_its_process(product: Product) -> None:
    """Each answered request has written its line; then those who answered, and who takes lines in, are killed at once."""
    numbers = [uuid7(datetime.now(UTC)) for _ in range(20 * max(1, TRIALS // 3))]
    assert [asked(product, number).status_code for number in numbers] == [200] * len(numbers)
    killed = [pid_of(product, "backend worker"), *pids_of(product, "backend api")]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    for _ in killed:
        product.wait_for_line("runs again as process", 20.0)
    assert until(lambda: lines_of(product, numbers) == sorted(numbers), 20.0)
    assert until(lambda: backend(product, "doctor").returncode == 0)


def asked(product: Product, number: str) -> httpx.Response:
    key = console_token((product.folder / "secret").read_text())
    headers = {"authorization": f"Bearer {key}", "x-request-id": number}
    return httpx.post(f"{product.api}/v1/charts", json=CHART, headers=headers, timeout=5)


def known(product: Product, numbers: list[str]) -> set[str]:
    """Those of which there are both record and line."""
    with closing(Database(sqlite_url(product.folder / "astrolabe.db"))) as database, database.reading() as connection:
        records = {number for number in numbers if RequestStore(connection).request(number)}
    return records & set(lines_of(product, numbers))


def lines_of(product: Product, numbers: list[str]) -> list[str]:
    """The ids of the requests' lines in the store, each as often as there is a line of a request with it."""
    now = datetime.now(UTC)
    with closing(Database(sqlite_url(product.folder / "astrolabe.db"))) as database, database.reading() as connection:
        whole = Criteria(now - timedelta(hours=1), now + timedelta(hours=1))
        found = [LogStore(connection).search(replace(whole, request_id=number), 100).lines for number in numbers]
    return sorted(line.request_id or "" for lines in found for line in lines if line.event == "request")


@pytest.mark.parametrize(
    ("name", "words"), [("valkey", "valkey-server"), ("worker", "backend worker"), ("metrics", "backend metrics"), ("api 2", "backend api")]
)
def test_a_child_that_is_killed_is_started_again_and_api_and_console_answer_on(product: Product, name: str, words: str) -> None:
    os.kill(pid_of(product, words), signal.SIGKILL)
    product.wait_for_line("was ended by SIGKILL; starting it again in", 5.0)
    chart(product)
    assert httpx.get(f"{product.console}/login", timeout=10.0, follow_redirects=True).status_code == 200
    product.wait_for_line("runs again as process", 10.0)
    assert until(lambda: backend(product, "doctor").returncode == 0)


def test_a_stop_is_orderly_leaves_nothing_and_the_next_start_finds_all(product: Product, place_index_path: Path) -> None:
    assert product.stop() == 0
    assert alive_with(str(product.folder)) == []
    assert product.lines[-1] == "Stopping the console, the API, the metrics server, the worker and Valkey."
    again = Product(product.folder, "demo")
    with again:
        assert len(json.loads(backend(again, "audit", "search", "--json").stdout)["records"]) > 2
    assert alive_with(str(product.folder)) == []


def test_a_stop_is_orderly_though_nobody_listens_any_more(tmp_path: Path, place_index_path: Path) -> None:
    folder = with_index(tmp_path / "var", place_index_path)
    product = Product(folder)
    reading, writing = os.pipe()
    words = [sys.executable, "-m", "backend", "run"]
    process = subprocess.Popen(words, cwd=ROOT, env=product.environment, stdout=writing, stderr=subprocess.DEVNULL)
    os.close(writing)
    os.close(reading)
    assert until(lambda: bool(alive_with(f"{folder}/valkey/valkey.sock")), 30.0)
    process.send_signal(signal.SIGTERM)
    process.wait(40)
    assert alive_with(str(folder)) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL])
def test_whenever_the_supervisor_ends_so_does_everything(tmp_path: Path, place_index_path: Path, sign: signal.Signals) -> None:
    folder = with_index(tmp_path / "var", place_index_path)
    for trial in range(max(1, TRIALS // 2)):
        product = Product(folder)
        product.environment["PYTHONUNBUFFERED"] = "1"
        product.begin()
        product.wait_for_line("Starting the worker", 60.0)
        time.sleep(trial % 10 * 0.4)  # at another point of the start each time
        product.stop(sign)
        assert until(lambda: not alive_with(str(folder)), 5.0), f"trial {trial}: {alive_with(str(folder))}"
