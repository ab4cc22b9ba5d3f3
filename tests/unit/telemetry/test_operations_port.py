"""The port on which a worker and a console show their metrics."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from backend.telemetry.operations_port import OperationsPort
from backend.telemetry.series import Series


@pytest.fixture
def port() -> Iterator[OperationsPort]:
    series = Series("1", "worker")
    made = OperationsPort(series.exposed)
    made.start()
    yield made
    made.close()


def asked(port: OperationsPort, path: str, method: str = "GET", **headers: str) -> tuple[int, str, bytes]:
    where = urlsplit(port.address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    found = answer.status, answer.headers["content-type"], answer.read()
    connection.close()
    return found


def test_metrics_are_shown_in_the_form_that_is_asked_for(port: OperationsPort) -> None:
    status, media_type, content = asked(port, "/metrics")
    assert (status, media_type) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert b"astrolabe_build_info{" in content and b'role="worker"' in content
    assert asked(port, "/metrics", Accept="application/openmetrics-text")[2].endswith(b"# EOF\n")


def test_it_is_on_loopback_and_asked_by_a_loopback_name_alone(port: OperationsPort) -> None:
    assert port.address.startswith("http://127.0.0.1:")
    assert asked(port, "/metrics", Host="evil.example:80")[0] == 403
    assert asked(port, "/metrics", Host="localhost:80")[0] == 200


def test_there_is_nothing_else_and_nothing_to_write_to(port: OperationsPort) -> None:
    assert asked(port, "/livez")[2] == b'{"alive":true}'
    assert asked(port, "/v1/charts")[0] == 404
    assert asked(port, "/metrics", "POST")[0] == 501
    assert asked(port, "/metrics", "HEAD")[2] == b""
