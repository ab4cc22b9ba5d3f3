"""Somebody looks closely while the pages draw themselves anew: what was scrolled to, zoomed into and chosen is still there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.browser.visitor import Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
CHART = ".js-plotly-plot .main-svg"
TICK = 31_000  # milliseconds of the browser's own clock: charts renew themselves each 30 s


@pytest.fixture
def arrived(visitor: Visitor, demo: Product) -> list[str]:
    """What the console sent, so that a renewal is noticed though nothing on the screen moves."""
    frames: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda _: frames.append(socket.url))

    visitor.page.on("websocket", listen)
    visitor.page.context.add_cookies(demo.browser_cookies())  # type: ignore[arg-type] # what Playwright takes, as plain dictionaries
    return frames


def test_scroll_and_zoom_survive_that_charts_renew_themselves(visitor: Visitor, arrived: list[str]) -> None:
    page = visitor.page
    page.clock.install()
    visitor.go("/traffic?range=15m")
    expect(page.locator(CHART).nth(3)).to_be_attached(timeout=60_000)
    main = page.get_by_test_id("stMain")
    main.evaluate("element => { element.scrollTop = 400 }")
    scrolled = _scrolled(main)
    assert scrolled > 0
    _renewed(page, arrived)
    visitor.drawn()
    assert _scrolled(main) == scrolled

    main.evaluate("element => { element.scrollTop = 0 }")
    box = page.locator(CHART).first.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.5, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"from=.*to="))
    chosen = page.url
    page.clock.fast_forward(TICK)
    page.reload()
    visitor.drawn()
    assert page.url == chosen
    assert visitor.complaints == []


def test_a_list_keeps_its_place_while_lines_arrive(visitor: Visitor, arrived: list[str], pictures: Path) -> None:
    page = visitor.page
    visitor.go("/logs?range=15m&live=1")
    grid = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    expect(grid).to_be_visible(timeout=60_000)
    grid.evaluate("element => { element.scrollTop = 120 }")
    updated = page.get_by_text(re.compile(r"updated \d\d:\d\d:\d\d")).first
    before = updated.inner_text()
    expect(updated).not_to_have_text(before)
    assert _scrolled(grid) == 120

    grid.click(position={"x": 20, "y": 80})
    expect(page).to_have_url(re.compile(r"line=\d+"))
    visitor.reads("newer wait: clear the selection")
    visitor.photograph(pictures, "logs-live-held")
    assert _scrolled(grid) == 120
    grid.click(position={"x": 20, "y": 80})
    expect(page).not_to_have_url(re.compile(r"line=\d+"))
    expect(page.get_by_text("newer wait")).to_have_count(0)
    assert _scrolled(grid) == 120
    assert visitor.complaints == []


def _scrolled(element: Locator) -> float:
    return float(element.evaluate("element => element.scrollTop"))


def _renewed(page: Page, arrived: list[str]) -> None:
    """After the browser's clock went on by one tick, something has come."""
    before = len(arrived)
    page.clock.fast_forward(TICK)
    for _ in range(100):
        if len(arrived) > before + 3:
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing was drawn anew")
