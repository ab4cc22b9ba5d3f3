"""No process of ours opens a connection past the pipeline, but to our own stores and roles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from backend.accounts.keys import console_token
from tests.console.browserless import Page
from tests.processes.conftest import Watched
from tests.processes.connections import own_addresses, read, strays, watching

pytestmark = pytest.mark.processes
PAGES = ("", "playground", "breakers", "health", "operators", "audit", "me")


def test_every_connection_of_the_running_product_goes_through_the_pipeline_or_to_our_own(watched: Watched) -> None:
    product, geocoder = watched.product, watched.geocoder.url.removeprefix("http://")
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in product.browser_cookies())
    with Page(product.console, cookie) as page:
        for name in PAGES:
            assert page.ask(name).words
    key = {"authorization": f"Bearer {console_token((product.folder / 'secret').read_text())}"}
    assert httpx.get(f"{product.api}/v1/places", params={"q": "Reykjavik"}, headers=key, timeout=10).json()["source"] == "geocoder"
    connections = read(watched.connections)
    assert strays(connections, own_addresses(product)) == []
    assert {one.address for one in connections if one.inside} == {geocoder, f"127.0.0.1:{product.metrics_port}"}


def test_a_connection_past_the_pipeline_is_seen(tmp_path: Path, watched: Watched) -> None:
    seen = tmp_path / "connections"
    program = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close()"
    port = watched.geocoder.url.rpartition(":")[2]
    subprocess.run([sys.executable, "-c", program, port], env=watching(seen), check=True)
    assert [one.address for one in strays(read(seen), set())] == [f"127.0.0.1:{port}"]
