"""A fault on purpose, through the real processes: every page says it, and it ends by itself whatever became of who began it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import httpx
import pytest

from backend.accounts.keys import console_token
from tests.console.browserless import Page
from tests.processes.conftest import Watched
from tests.processes.test_outbound import PAGES
from tests.support.processes import until
from tests.support.product import ROOT, Product

pytestmark = pytest.mark.processes
REASON = "Game day of the team, to see the geocoder fail"
SECONDS = 15.0
BEGIN_AND_DIE = f"""
import os, signal
from backend.bootstrap import build
from backend.commands.actor import COMMAND_LINE
from backend.settings import Settings

services = build(Settings.of_running(), "console")
services.circuits.inject_fault(COMMAND_LINE, "geocoder", {{"error_ratio": 1.0}}, "{REASON}", {SECONDS / 60})
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def product(watched: Watched) -> Product:
    return watched.product


def test_an_injected_fault_outlives_its_starter_says_so_on_every_page_and_ends_by_itself(product: Product) -> None:
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in product.browser_cookies())
    towns = iter(f"{word}" for word in TOWNS * 200)
    assert until(lambda: not degraded(product, next(towns)))
    begun = subprocess.run([sys.executable, "-c", BEGIN_AND_DIE], cwd=ROOT, env=product.environment, timeout=60, check=False)
    assert begun.returncode == -signal.SIGKILL
    assert until(lambda: degraded(product, next(towns)), 3.0)
    with Page(product.console, cookie) as page:
        assert [name for name in PAGES if REASON not in page.ask(name).text] == []
        assert until(lambda: not any(REASON in page.ask(name).text for name in ("", "health")), SECONDS + 30.0)
    assert until(lambda: not degraded(product, next(towns)), 5.0)  # so few calls failed that no circuit opened
    search = [sys.executable, "-m", "backend", "audit", "search", "--json"]
    found = subprocess.run(search, cwd=ROOT, env=product.environment, capture_output=True, text=True, timeout=60, check=True)
    acts = [(record["act"], record["actor_name"]) for record in json.loads(found.stdout)["records"] if record["object_id"] == "geocoder"]
    assert acts == [("faults.expire", "worker"), ("faults.inject", "command line")]


TOWNS = ("Lisbon", "Vienna", "Prague", "Dublin", "Athens", "Madrid", "Warsaw", "Helsinki", "Zagreb", "Bergen", "Turin", "Ghent", "Lyon")


def degraded(product: Product, town: str) -> bool:
    """Whether the answer about this town is a lesser one; it comes in any case."""
    key = console_token((product.folder / "secret").read_text())
    answer = httpx.get(f"{product.api}/v1/places", params={"q": town}, headers={"authorization": f"Bearer {key}"}, timeout=10)
    assert answer.status_code == 200
    return bool(answer.json()["degraded"])
