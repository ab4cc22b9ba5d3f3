"""The console while PostgreSQL says nothing: who is signed in sees every page, each says what it cannot know, and none hangs."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from backend.accounts.credentials import PasswordHasher
from backend.accounts.service import AccountService
from backend.audit.service import AuditService
from backend.clock import SystemClock
from backend.storage.database import Database
from backend.storage.migrate import migrate
from components.wording import say
from tests.console import fakes
from tests.console.browserless import Page
from tests.console.served import cookie_of, visitor
from tests.support.outages import OwnPostgres, RoleProcess
from tests.support.processes import until
from tests.support.product import ADMIN

pytestmark = pytest.mark.processes
PAGES = ("", "breakers", "audit", "operators", "health", "me", "playground", "compare", "cases")
LONGEST_SECONDS = 4.0  # the first to find out waits for all


def an_admin(url: str) -> None:
    database, clock = Database(url), SystemClock()
    migrate(database)
    accounts = AccountService(database, AuditService(database, clock), PasswordHasher(2), clock)
    code = accounts.issue_setup_code()
    assert code is not None
    accounts.redeem(code, ADMIN, fakes.PASSWORD, None)
    database.close()


def test_every_page_is_drawn_and_says_what_cannot_be_known(tmp_path: Path, postgres: OwnPostgres) -> None:
    url = postgres.databases.url(postgres.databases.create())
    an_admin(url)
    environment = {"ASTROLABE_DATABASE_URL": url, "ASTROLABE_VALKEY_URL": f"unix://{tmp_path}/none.sock"}
    with RoleProcess("console", tmp_path, environment) as console:
        console.wait_until_alive()
        cookie = cookie_of(console.base, ADMIN)
        with Page(console.base, cookie) as page:
            for name in PAGES:
                assert not is_fault(page.ask(name).text)
            postgres.pause()
            try:
                seen = {name: timed(page, name) for name in PAGES}
                newcomer = visitor(console.base).get("/login")
                stranger = httpx.get(console.base, cookies={"astrolabe_session": "x" * 43}, timeout=10)
            finally:
                postgres.go_on()
            assert until(lambda: "answer" not in page.ask("operators").text, 10.0)
    for name, (text, seconds) in seen.items():
        assert not is_fault(text), name
        assert seconds < LONGEST_SECONDS, (name, seconds)
    for name in ("", "audit", "operators", "me"):
        assert "did not answer" in seen[name][0] or "does not answer" in seen[name][0], (name, seen[name][0])
    assert newcomer.status_code == stranger.status_code == 503


def timed(page: Page, name: str) -> tuple[str, float]:
    began = time.monotonic()
    drawn = page.ask(name)
    texts = [drawn.text, *(page.ask(name, fragment=fragment).text for fragment in drawn.fragments[:1])]
    return "\n".join(texts), time.monotonic() - began


def is_fault(text: str) -> bool:
    return say("frame.fault") in text
