"""How a metrics server by URL is reached: by header, by certificate, and only by settings that agree."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from backend.answer import Empty, Failed, Fresh
from backend.clock import SystemClock
from backend.metering import Metering, access_problem, build_metering, metrics_policy, panels_at_a_time
from backend.monitoring.records import Instance
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.series import Series
from tests.support.certificates import own_certificate
from tests.support.clock import START
from tests.support.stub_server import StubServer, answering

CLOCK = SystemClock()


@pytest.fixture
def server() -> Iterator[StubServer]:
    with StubServer(answering('{"status":"success","data":{"resultType":"vector","result":[],"version":"1"}}')) as server:
        yield server


def metering(**given: object) -> Metering:
    here = Instance("1", "test", 1, "host", "1", START)
    return build_metering(Settings.model_validate(given), SharedState("unix:///nowhere"), here, Series("1"), CLOCK)


def test_a_prometheus_may_be_asked_all_that_pages_ask_together() -> None:
    """Nothing that a page asks may be refused for the page's other questions, however slow the server became."""
    for settings in (Settings(), Settings.model_validate({"prometheus_url": "http://127.0.0.1:9090"})):
        bulkhead = metrics_policy(settings).bulkhead
        assert panels_at_a_time(settings) < bulkhead.low <= bulkhead.limit


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({"prometheus_bearer_token": "abc"}, "authorization: bearer abc"),
        ({"prometheus_user": "ada", "prometheus_password": "lace"}, "authorization: basic ywrhomxhy2u="),
    ],
)
def test_both_clients_show_who_asks(server: StubServer, given: dict[str, str], header: str) -> None:
    wired = metering(prometheus_url=f"{server.url}/prefix/", **given)
    wired.source.instant("up")
    wired.source.server()
    wired.stop()
    settings = Settings.model_validate(given)
    assert all(header in request.lower() and " /prefix/api/v1/" in request for request in server.requests) and len(server.requests) == 2
    assert "lace" not in repr(settings) and "abc" not in repr(settings) + settings.running_lines()


def test_both_clients_trust_whom_they_are_told_to_and_show_their_certificate(tmp_path: Path) -> None:
    own = own_certificate(tmp_path / "own.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(own))
    context.load_cert_chain(own)
    context.verify_mode = ssl.CERT_REQUIRED
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/api/v1/query").respond_with_json({"status": "success", "data": {"resultType": "vector", "result": []}})
        server.expect_request("/api/v1/status/buildinfo").respond_with_json({"status": "success", "data": {"version": "3"}})
        url = server.url_for("").rstrip("/")
        known = metering(prometheus_url=url, prometheus_ca=own, prometheus_client_certificate=own, prometheus_client_key=own)
        assert isinstance(known.source.instant("up"), Empty) and isinstance(known.source.server(), Fresh)
        for given in ({}, {"prometheus_ca": own}):
            other = metering(prometheus_url=url, metrics_timeout_seconds=2, **given)
            assert isinstance(other.source.instant("up"), Failed) and isinstance(other.source.server(), Failed)
            other.stop()
        known.stop()


def test_a_certificate_without_its_key_or_of_no_form_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nonsense")
    alone = Settings.model_validate({"prometheus_client_certificate": tmp_path / "ca.pem"})
    assert "belong together" in str(access_problem(alone))
    for name in ("ca.pem", "none.pem"):
        wrong = Settings.model_validate({"prometheus_url": "https://h", "prometheus_ca": tmp_path / name})
        assert "cannot be used" in str(access_problem(wrong))
    assert access_problem(Settings()) is None


def test_an_address_with_a_password_in_it_is_refused() -> None:
    with pytest.raises(ValueError, match="settings of their own"):
        Settings.model_validate({"prometheus_url": "http://ada:lace@host"})
