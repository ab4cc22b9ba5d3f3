"""No path and no websocket is served without a session, whichever way the console is started."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from streamlit.util import calc_hash

from backend.actor import PERMISSIONS, Role
from components import gate, navigation
from tests.console import served
from tests.console.browserless import Page, Refused

pytestmark = pytest.mark.processes
STATIC = (
    "/static/js/index.js",
    "/favicon.png",
    "/manifest.json",
    "/media/abc.png",
    "/component/x/index.html",
    "/app/static/secret.txt",
    "/index.html",
)
ODD = (
    "//evil.example/",
    "/breakers/_stcore/health",
    "/audit/_stcore/host-config",
    "/pages/now.py",
    "/%2e%2e/app.py",
    "/login/x",
    "/Login",
    "/livez/x",
)


@pytest.fixture(scope="module", params=served.WAYS)
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    with served.console(request.param) as address:
        yield address


def all_paths() -> list[str]:
    listed = subprocess.run(
        [sys.executable, "-m", "tests.console.serve", "routes", "1"], cwd=served.ROOT, capture_output=True, text=True, check=True
    )
    found = [path for kind, path in json.loads(listed.stdout.splitlines()[-1]) if kind != "websocket"]
    filled = [
        path.replace("{path:path}", "x").replace("{file_id:path}", "x").replace("{session_id}", "s").replace("{file_id}", "f")
        for path in found
    ]
    pages = [f"/{entry.path}" for entry in navigation.ENTRIES]
    return [path for path in dict.fromkeys([*filled, *pages, *STATIC, *ODD]) if path not in gate.PUBLIC]


def test_every_path_is_refused_without_a_session(base: str) -> None:
    paths = all_paths()
    assert {"/_stcore/health", "/_stcore/metrics", "/_stcore/host-config", "/source"} <= set(paths)
    with httpx.Client(base_url=base, trust_env=False) as client:
        for path in paths:
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                answer = client.request(method, httpx.URL(base).copy_with(raw_path=path.encode()))
                assert answer.status_code in {303, 400, 401, 404}, (method, path, answer.status_code)
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/login")
                    assert method in {"GET", "HEAD"}
                assert "streamlit" not in answer.text.lower()


def test_a_forged_cookie_opens_nothing(base: str) -> None:
    with httpx.Client(base_url=base, trust_env=False, headers={"cookie": "astrolabe_session=guess", "x-principal": "admin"}) as client:
        assert client.get("/_stcore/health").status_code == 401
        assert client.get("/").status_code == 303
    with pytest.raises(Refused):
        Page(base, "astrolabe_session=guess")


def test_the_websocket_is_refused_without_a_session(base: str) -> None:
    with pytest.raises(Refused):
        Page(base)


def test_the_websocket_is_refused_to_another_origin(base: str) -> None:
    with pytest.raises(Refused):
        Page(base, served.cookie_of(base, "admin"), origin="http://evil.example")


def test_another_host_name_is_refused(base: str) -> None:
    with httpx.Client(base_url=base, trust_env=False, headers={"host": "rebound.example"}) as client:
        for path in ("/", "/login", "/livez", "/_stcore/health"):
            assert client.get(path).status_code == 421


def test_a_session_opens_the_page_and_its_files_but_not_the_agents_api(base: str) -> None:
    headers = {"cookie": served.cookie_of(base, "viewer")}
    with httpx.Client(base_url=base, trust_env=False, headers=headers) as client:
        assert client.get("/").status_code == 200
        assert client.get("/_stcore/health").status_code == 200
        assert client.get("/_stcore/host-config").json()["allowedOrigins"] == []
        for path in ("/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/x/_stcore/agent/interact"):
            assert client.get(path).status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_no_page_is_reached_around_the_check_by_name_or_by_hash(base: str, role: Role) -> None:
    cookie = served.cookie_of(base, role.value)
    for entry in navigation.ENTRIES:
        allowed = entry.permission in PERMISSIONS[role]
        asked = (
            {"name": entry.path},
            {"name": entry.name},
            {"script_hash": calc_hash(entry.path)},
            {"script_hash": calc_hash(str(entry.file))},
        )
        for how in asked:
            with Page(base, cookie) as page:
                drawn = page.ask(**how)
            if not allowed:
                assert f"# {entry.title}" not in drawn.text, (entry.name, how)
        if allowed:
            with Page(base, cookie) as page:
                assert f"# {entry.title}" in page.ask(name=entry.path).text


@pytest.mark.parametrize("way", served.WAYS)
@pytest.mark.parametrize("how", ["name", "hash"])
def test_the_first_visitor_of_a_fresh_process_reaches_no_page_around_the_check(way: str, how: str) -> None:
    entry = navigation.BY_NAME["operators"]
    with served.console(way) as address:
        with pytest.raises(Refused):
            Page(address)
        cookie = served.cookie_of(address, "viewer")
        with Page(address, cookie) as page:
            drawn = page.ask(name="operators") if how == "name" else page.ask(script_hash=calc_hash(str(entry.file)))
        assert "# Operators" not in drawn.text
        assert "last sign-in" not in drawn.text.lower()


def test_a_forged_click_on_a_forbidden_act_is_refused(base: str) -> None:
    with Page(base, served.cookie_of(base, "admin")) as page:
        widgets = page.ask(name="breakers", query="circuit=geocoder").widgets
    opener = next(identity for label, identity in widgets.items() if "Isolate Geocoder" in label)
    with Page(base, served.cookie_of(base, "viewer")) as page:
        page.ask(name="breakers", query="circuit=geocoder")
        drawn = page.ask(name="breakers", query="circuit=geocoder", click=opener)
    assert "What will happen" not in drawn.text


def test_an_ended_sessions_open_websocket_draws_nothing_more(base: str) -> None:
    cookie = served.cookie_of(base, "auditor")
    with Page(base, cookie) as page:
        assert "# Health" in page.ask(name="health").text
        with served.visitor(base) as client:
            client.headers["cookie"] = cookie
            form = client.get("/logout")
            client.headers["cookie"] = f"{cookie}; astrolabe_form={client.cookies['astrolabe_form']}"
            assert client.post("/logout", data={"token": served.hidden(form.text)}).status_code == 303
        drawn = page.ask(name="health")
        assert "# Health" not in drawn.text
        assert "Your session has ended" in drawn.text
