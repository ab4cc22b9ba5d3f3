"""The list of this host's processes for a Prometheus, and a Prometheus that reads it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.monitoring.records import Instance
from backend.monitoring.rules.export import RULES_NAME, Scraped, rules_text, scrape_text
from backend.monitoring.rules.reading import read_rules
from backend.monitoring.target_file import TargetFile
from tests.support.clock import START
from tests.support.metrics_api import MetricsApi
from tests.support.processes import until
from tests.support.prometheus import Prometheus

API = Instance("1", "api", 1, "here", "1", START, "http://127.0.0.1:4001")
LIVE = [API, replace(API, id="2", operations_url="http://127.0.0.1:4000"), replace(API, id="3", role="worker", operations_url=None)]


class Target(BaseHTTPRequestHandler):
    """A process with one figure."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"figure 7\n")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Target) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_it_names_the_processes_of_this_host_by_role_and_is_written_when_they_change(tmp_path: Path) -> None:
    live = [*LIVE, replace(API, id="4", host="elsewhere"), replace(API, id="5", role="console", operations_url="http://127.0.0.1:5000")]
    path = tmp_path / "metrics" / "targets.json"
    file = TargetFile(path, "here", lambda: live)
    assert file.tell() and not file.tell()
    assert json.loads(path.read_text()) == [
        {"targets": ["127.0.0.1:4000", "127.0.0.1:4001"], "labels": {"job": "api"}},
        {"targets": ["127.0.0.1:5000"], "labels": {"job": "console"}},
    ]
    live.pop()
    assert file.tell()
    path.unlink()
    assert file.tell()


@pytest.mark.parametrize("tls", [False, True])
def test_the_way_in_from_another_host_is_told_with_its_certificate(tmp_path: Path, tls: bool) -> None:
    configuration = scrape_text(Scraped(tmp_path, 1.0, "api.example:443", tls))
    assert ("ca_file" in configuration, "#     scheme: https" in configuration) == (tls, tls)
    assert "credentials_file" in configuration and "api.example:443" in configuration


def test_a_real_prometheus_finds_and_reads_them_by_our_configuration_and_rules(tmp_path: Path, address: str) -> None:
    targets = tmp_path / "targets.json"
    TargetFile(targets, "here", lambda: [replace(API, operations_url=address)]).tell()
    configuration = scrape_text(Scraped(targets, 1.0, "api.example:443", tls=False))
    groups = read_rules('groups: [{name: g, interval: 1s, rules: [{record: "job:figure:sum", expr: "sum by (job) (figure)"}]}]', "a.yml")
    with Prometheus(tmp_path / "prometheus", configuration, {RULES_NAME: rules_text(groups)}) as prometheus:
        api = MetricsApi(prometheus.url)

        def recorded() -> list[dict[str, object]]:
            return list(api.get("/api/v1/query", query="job:figure:sum").json()["data"]["result"])

        assert until(lambda: bool(recorded()), 20.0)
        assert recorded()[0]["metric"] == {"__name__": "job:figure:sum", "job": "api"}
