"""Each role, started alone with SQL and Valkey away: it lives, says what is missing, and heals when both come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from backend.accounts.keys import console_token
from backend.storage.database import Database
from backend.storage.migrate import migrate
from tests.support.outages import OwnPostgres, RoleProcess
from tests.support.processes import until
from tests.support.valkey import TestServer

pytestmark = pytest.mark.processes
SECRET = "a secret of these tests that is long enough"
ROLES = ("api", "console", "worker")


@dataclass
class Roles:
    """One process of each, and the stores that they were started without."""

    postgres: OwnPostgres
    valkey: TestServer
    processes: dict[str, RoleProcess]

    def bring_the_stores(self) -> None:
        self.postgres.start_again()
        self.valkey.start()

    def lines(self, role: str, event: str) -> list[dict[str, object]]:
        lines = [json.loads(line) for line in self.processes[role].log.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == event]

    def dependencies(self) -> dict[str, str]:
        """The API's own word on each, for who may hear it."""
        headers = {"authorization": f"Bearer {console_token(SECRET)}"}
        answer = httpx.get(f"{self.processes['api'].base}/readyz", headers=headers, timeout=10)
        return {one["name"]: one["state"] for one in answer.json()["dependencies"]}


@pytest.fixture
def roles(tmp_path: Path, postgres: OwnPostgres) -> Iterator[Roles]:
    with ExitStack() as running:
        url = postgres.databases.url(postgres.databases.create())
        database = Database(url)
        migrate(database)
        database.close()
        postgres.stop()
        running.callback(postgres.start_again)
        valkey = TestServer(tmp_path)
        running.callback(valkey.kill)
        environment = {
            "ASTROLABE_DATABASE_URL": url,
            "ASTROLABE_VALKEY_URL": valkey.url,
            "ASTROLABE_SECRET_KEY": SECRET,
            "ASTROLABE_GEOCODER_URL": "http://127.0.0.1:9",
        }
        processes = {role: running.enter_context(RoleProcess(role, tmp_path, environment)) for role in ROLES}
        yield Roles(postgres, valkey, processes)


def test_every_role_starts_without_its_stores_and_heals_when_they_come(roles: Roles) -> None:
    api, console = roles.processes["api"], roles.processes["console"]
    api.wait_until_alive()
    console.wait_until_alive()
    assert api.get("/readyz") == 503
    assert roles.dependencies()["sql"] == roles.dependencies()["valkey"] == "away"
    for path in ("/login", "/"):
        page = httpx.get(f"{console.base}{path}", cookies={"astrolabe_session": "x"}, timeout=10)
        assert page.status_code == 503 and page.headers["retry-after"] == "5"
        assert "database" in page.text and "Traceback" not in page.text
    for role in ROLES:
        assert until(lambda role=role: any(line["store"] == "sql" for line in roles.lines(role, "store_away")), 20.0), role  # type: ignore[misc]
        assert roles.processes[role].process.poll() is None
    roles.bring_the_stores()
    assert until(lambda: api.get("/readyz") == 200, 10.0)
    assert until(lambda: httpx.get(f"{console.base}/login", timeout=10).headers.get("location") == "/setup", 10.0)
    assert until(lambda: bool(roles.lines("worker", "store_back")), 10.0)
    assert until(lambda: roles.dependencies()["valkey"] == "reachable", 10.0)
    assert until(lambda: roles.dependencies()["worker"] == "reachable", 15.0), roles.processes["worker"].log[-2000:]
