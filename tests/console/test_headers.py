"""Security headers on every answer, the policy's sources, the compressed files, and Streamlit's own settings."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from components import policy
from components.doorway import Address
from components.headers import SecurityHeaders
from components.policy import Origin
from tests.console import served

NAMES = [name for name, _ in policy.STANDING] + ["content-security-policy"]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with served.console("uvicorn") as address:
        yield address


@pytest.fixture(scope="module")
def client(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, trust_env=False, headers={"cookie": served.cookie_of(base, "viewer")}) as signed_in:
        yield signed_in


def test_every_answer_carries_every_header(base: str, client: httpx.Client) -> None:
    answers = [
        client.get(path)
        for path in ("/", "/login", "/livez", "/_stcore/health", "/static/js/none.js", "/nowhere", "/_stcore/agent/mcp", "/source")
    ]
    answers += [httpx.get(base + "/", trust_env=False), httpx.get(base + "/_stcore/health", trust_env=False)]
    answers += [client.post("/login"), client.put("/livez"), client.get("/", headers={"host": "evil.example"})]
    assert {answer.status_code for answer in answers} >= {200, 303, 401, 403, 404, 405, 421}
    for answer in answers:
        assert all(name in answer.headers for name in NAMES), (answer.url, answer.status_code)
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_consoles_policy_has_no_unsafe_source_and_names_this_origin(base: str, client: httpx.Client) -> None:
    text = client.get("/").headers["content-security-policy"]
    assert "unsafe-inline" not in text
    assert "unsafe-eval" not in text
    assert "require-trusted-types-for 'script'" in text
    assert text.startswith("default-src 'none'; ")
    assert f"script-src {base}/static/js/ 'sha256-" in text
    assert base.replace("http", "ws", 1) + "/_stcore/stream" in text


def test_the_policy_allows_exactly_the_inline_scripts_of_the_installed_page(client: httpx.Client) -> None:
    page = client.get("/").text
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    text = client.get("/").headers["content-security-policy"]
    assert scripts
    assert all(policy.digest(script) in text for script in scripts)


def test_own_pages_run_no_script_and_only_their_one_style(client: httpx.Client) -> None:
    answer = httpx.get(str(client.base_url) + "/login", trust_env=False)
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    assert policy.digest(style[1]) in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_over_tls_cookies_are_secure_and_transport_is_strict() -> None:
    headers = SecurityHeaders(None, lambda: Address("https://console.example"), ())  # type: ignore[arg-type]
    given = [(b"set-cookie", b"_streamlit_xsrf=1; Path=/; SameSite=Lax"), (b"server", b"uvicorn")]
    done = dict(headers._complete(given, Origin("https", "console.example"), secure=True))
    assert done[b"set-cookie"].endswith(b"; Secure")
    assert done[b"strict-transport-security"].startswith(b"max-age=31536000")
    assert b"wss://console.example/_stcore/stream" in done[b"content-security-policy"]
    assert b"server" not in done


def test_a_fault_is_answered_with_every_header_and_without_its_words() -> None:
    async def broken(_scope: Any, _receive: Any, _send: Any) -> None:
        raise RuntimeError("the secret text of a fault")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    application = SecurityHeaders(broken, lambda: Address("http://127.0.0.1:8501"), ())
    scope = {"type": "http", "headers": [(b"host", b"127.0.0.1:8501")], "scheme": "http", "path": "/"}
    asyncio.run(application(scope, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 500
    assert {name.encode() for name in NAMES} <= {name for name, _ in sent[0]["headers"]}
    assert b"secret" not in sent[1]["body"]


def test_files_are_sent_compressed_and_kept_for_ever(client: httpx.Client) -> None:
    page = client.get("/").text
    names = re.findall(r'(?:src|href)="\./(static/js/[^"]+)"', page)
    sizes = []
    for name in names:
        with client.stream("GET", "/" + name) as answer:
            assert answer.headers["content-encoding"] == "gzip"
            assert "immutable" in answer.headers["cache-control"]
            assert "javascript" in answer.headers["content-type"]
            sizes.append(sum(len(part) for part in answer.iter_raw()))
    assert sum(sizes) < 1_500_000


def test_a_browser_that_takes_no_gzip_gets_plain_files(client: httpx.Client) -> None:
    name = re.findall(r'src="\./(static/js/[^"]+)"', client.get("/").text)[0]
    answer = client.get("/" + name, headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/static/../../app.py", "/static/%2e%2e/%2e%2e/index.html", "/static/js/../../../config.py", "/static//etc/passwd"]
)
def test_no_file_outside_the_folder_is_sent(base: str, client: httpx.Client, path: str) -> None:
    answer = client.request("GET", httpx.URL(base).copy_with(raw_path=path.encode()), headers={"accept-encoding": "gzip"})
    assert "startup.configure" not in answer.text
    assert "root:" not in answer.text


OPTIONS = {
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": True,
    "client.allowedOrigins": [],
    "server.fileWatcherType": "none",
    "server.runOnSave": False,
    "server.enableStaticServing": False,
    "server.headless": True,
    "server.enableCORS": True,
    "server.enableXsrfProtection": True,
    "server.maxUploadSize": 1,
    "server.maxMessageSize": 20,
    "server.maxWidgetStateSize": 1,
    "server.enableAgentApi": False,
    "server.scriptHealthCheckEnabled": False,
    "server.disconnectedSessionTTL": 120,
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "logger.enableRich": False,
    "global.developmentMode": False,
}


def test_every_setting_of_streamlit_counts() -> None:
    code = (
        "import json; from components import services; from tests.console import fakes; services.provide(fakes.services()); import app;"
        "from streamlit import config; import sys;"
        f"names = {sorted(OPTIONS)!r} + ['server.cookieSecret', 'server.allowedHosts', 'server.corsAllowedOrigins'];"
        "print(json.dumps({name: config.get_option(name) for name in names}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=served.ROOT, capture_output=True, text=True, check=True)
    found = __import__("json").loads(ran.stdout.splitlines()[-1])
    assert {name: found[name] for name in OPTIONS} == OPTIONS
    assert found["server.cookieSecret"] == "s" * 40
    assert found["server.allowedHosts"] == ["127.0.0.1", "localhost"]
    assert found["server.corsAllowedOrigins"] == ["http://127.0.0.1:8501"]
    assert "cookieSecret" not in (served.ROOT / ".streamlit" / "config.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("base", "host", "origin"),
    [
        ("http://127.0.0.1:8501", "localhost:9000", "http://localhost:9000"),
        ("http://127.0.0.1:8501", "[::1]:8501", "http://[::1]:8501"),
        ("http://127.0.0.1:8501", "127.0.0.1.evil.example", None),
        ("https://console.example", "console.example", "https://console.example"),
        ("https://console.example", "localhost:8501", None),
        ("https://console.example", "", None),
    ],
)
def test_only_our_own_names_are_an_origin(base: str, host: str, origin: str | None) -> None:
    found = Address(base).origin({"headers": [(b"host", host.encode())], "scheme": "http"})
    assert (found.text if found else None) == origin


def test_a_forwarded_address_counts_only_from_the_trusted_proxy() -> None:
    scope = {"client": ("10.0.0.9", 1), "headers": [(b"x-forwarded-for", b"203.0.113.7, 198.51.100.2")]}
    assert Address("https://c.example", "10.0.0.9").client(scope) == "198.51.100.2"
    assert Address("https://c.example", "10.0.0.8").client(scope) == "10.0.0.9"
    assert Address("https://c.example").client(scope) == "10.0.0.9"
