"""A caller names a request id: an operator finds the request, its lines, and watches lines arrive."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from backend.accounts.keys import console_token
from backend.identifiers import uuid7
from tests.browser.visitor import Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
CHART = {"date": "2000-01-01", "time": "12:00", "place": "Berlin"}
SOON = 5_000  # milliseconds: within these a request is found by its id


def test_a_request_is_found_by_its_id_and_its_lines_are_watched(
    visitor: Visitor, context: BrowserContext, demo: Product, pictures: Path
) -> None:
    context.add_cookies(demo.browser_cookies())  # type: ignore[arg-type] # what Playwright takes, as plain dictionaries
    visitor.go("/")
    number = _asked(demo)
    page = visitor.page
    box = page.get_by_placeholder("Paste a request id")
    box.fill(number)
    box.press("Enter")
    page.get_by_role("link", name="POST /v1/charts, 200").click(timeout=SOON)
    visitor.reads("answered 200")
    visitor.reads("Where the time went")
    visitor.photograph(pictures, "request")
    page.get_by_role("link", name="Open in Logs").click()
    expect(page).to_have_url(re.compile(rf"/logs\?.*request={number}"))
    _there_soon(visitor, "1 line: 1 × info")

    visitor.go("/logs?range=15m")
    page.get_by_role("button", name="From, to").click()
    begin = page.get_by_role("textbox", name="From (UTC)")
    expect(begin).to_have_value(re.compile(r"\d\d:\d\d"))
    begin.fill("-10m")
    page.get_by_role("button", name="Show this span").click()
    expect(page).to_have_url(re.compile(r"from=\d+"))
    expect(begin).to_have_count(0)
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Process id").fill("nobody")
    page.get_by_label("Process id").press("Enter")
    visitor.reads("1 set")
    page.get_by_role("button", name="Clear filters").click()
    expect(page).not_to_have_url(re.compile("process="))
    page.keyboard.press("Escape")

    visitor.go("/logs?range=15m")
    page.locator("[data-testid=stDataFrame] .dvn-scroller").first.click(position={"x": 20, "y": 80})
    expect(page).to_have_url(re.compile(r"line=\d+"))
    visitor.reads("Lines of this process")
    page.get_by_text("Live", exact=True).click()
    expect(page).to_have_url(re.compile(r"live=1"))
    chosen = page.url
    lines = page.get_by_text(re.compile(r"updated \d\d:\d\d:\d\d"))
    expect(lines.first).to_be_visible()
    before = lines.first.inner_text()
    expect(lines.first).not_to_have_text(before)  # by itself
    visitor.reads("Lines of this process")
    assert page.url == chosen
    visitor.photograph(pictures, "logs")
    page.get_by_text("Live", exact=True).click()
    visitor.drawn()
    assert "live" not in page.url and "line=" in page.url
    assert visitor.complaints == []
    assert visitor.foreign == []


def _there_soon(visitor: Visitor, words: str) -> None:
    """The worker takes lines in once a second, on a busy machine later: what is not there yet is there after looking again."""
    for _ in range(15):
        visitor.drawn()
        if visitor.page.get_by_text(words).count():
            return
        visitor.page.reload()
    visitor.reads(words)


def _asked(demo: Product) -> str:
    number, key = uuid7(datetime.now(UTC)), console_token((demo.folder / "secret").read_text())
    headers = {"authorization": f"Bearer {key}", "x-request-id": number}
    assert httpx.post(f"{demo.api}/v1/charts", json=CHART, headers=headers, timeout=10).status_code == 200
    return number
