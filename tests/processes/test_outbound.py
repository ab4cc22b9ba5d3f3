"""No process of ours opens a connection past the pipeline, but to our own stores and roles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.demo_geocoder import DemoGeocoder
from backend.integrations.places import PlaceIndex
from tests.console.browserless import Page
from tests.support.places import with_index
from tests.support.processes import until
from tests.support.product import ROOT, Product

pytestmark = pytest.mark.processes
WATCHED = ROOT / "tests" / "support" / "watched"
PAGES = ("", "playground", "breakers", "health", "operators", "audit", "me")


@dataclass(frozen=True)
class Connection:
    """One outbound connection: by which process, to where, opened by the pipeline or not, and by which module of ours."""

    process: str
    address: str
    inside: bool
    opener: str


def read(path: Path) -> list[Connection]:
    return [Connection(**json.loads(line)) for line in path.read_text().splitlines()]


def strays(connections: list[Connection], own: set[str]) -> list[Connection]:
    """Those that neither the pipeline opened nor leads to our own stores and roles."""
    return [one for one in connections if not one.inside and one.address not in own]


@pytest.fixture
def geocoder(place_index: PlaceIndex) -> Iterator[DemoGeocoder]:
    started = DemoGeocoder(place_index, SystemClock(), lambda: 0.5).start()
    yield started
    started.stop()


def test_every_connection_of_the_running_product_goes_through_the_pipeline_or_to_our_own(
    geocoder: DemoGeocoder, place_index_path: Path, tmp_path: Path
) -> None:
    seen, state = tmp_path / "connections", with_index(tmp_path / "state", place_index_path)
    environment = {"PYTHONPATH": str(WATCHED), "ASTROLABE_TEST_CONNECTIONS": str(seen), "ASTROLABE_GEOCODER_URL": geocoder.url}
    with Product(state, "demo", environment) as product:
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in product.browser_cookies())
        with Page(product.console, cookie) as page:
            for name in PAGES:
                assert page.ask(name).words
        assert until(lambda: any(one.inside for one in read(seen)), 20), "the geocoder was never asked, so nothing was proven"
        own = {f"127.0.0.1:{product.api_port}", f"127.0.0.1:{product.console_port}", str(state / "valkey" / "valkey.sock")}
        own |= {url.removeprefix("http://") for url in operations_urls(state)}
    connections = read(seen)
    assert strays(connections, own) == []
    assert {one.address for one in connections if one.inside} == {geocoder.url.removeprefix("http://")}


def operations_urls(state: Path) -> list[str]:
    """Where the API processes that were ever announced listen for the worker."""
    from sqlalchemy import text

    from backend.storage.database import Database

    database = Database(f"sqlite:///{state / 'astrolabe.db'}")
    try:
        with database.reading() as connection:
            return [url for (url,) in connection.execute(text("SELECT operations_url FROM instances WHERE operations_url <> ''"))]
    finally:
        database.close()


def test_a_connection_past_the_pipeline_is_seen(tmp_path: Path, geocoder: DemoGeocoder) -> None:
    seen = tmp_path / "connections"
    program = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()"
    port = geocoder.url.rpartition(":")[2]
    environment = {"PYTHONPATH": str(WATCHED), "ASTROLABE_TEST_CONNECTIONS": str(seen)}
    subprocess.run([sys.executable, "-c", program, port], env=environment, check=True)
    assert [one.address for one in strays(read(seen), set())] == [f"127.0.0.1:{port}"]
