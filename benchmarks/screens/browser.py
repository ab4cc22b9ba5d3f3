"""What somebody in a browser waits for: a first visit with nothing kept, and a switch from page to page."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from benchmarks.peers.first_load import FLAGS

DRAWN = "[data-testid=stApp][data-test-script-state=notRunning]"
CHART = ".js-plotly-plot .main-svg"
SWITCHED = ("Traffic", "Explorer", "Logs", "Requests")


def waits(url: str, cookies: list[str], times: int) -> dict[str, dict[str, float]]:
    """Medians in milliseconds: of Traffic's title, first chart and all; of each page from the click to all of it, once it was seen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        kept = [{"name": name, "value": value, "url": url} for name, value in (cookie.split("=", 1) for cookie in cookies)]

        def visitor() -> Page:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies(kept)  # type: ignore[arg-type] # what Playwright takes, as plain dictionaries
            return context.new_page()

        cold = [_cold(visitor(), f"{url}/traffic") for _ in range(times)]
        page = visitor()
        page.goto(url)
        page.wait_for_selector(DRAWN)
        switches = [{name: _switch(page, name) for name in SWITCHED} for _ in range(times + 1)][1:]
        browser.close()
    return {"cold_ms": _medians(cold), "switch_ms": _medians(switches)}


def _cold(page: Page, address: str) -> dict[str, float]:
    since = _watch()
    page.goto(address, wait_until="commit")
    found = {}
    for name, selector in (("title", "h1"), ("chart", CHART), ("all", DRAWN)):
        page.wait_for_selector(selector, state="visible", timeout=60_000)
        found[name] = since()
    page.context.close()
    return found


def _switch(page: Page, name: str) -> float:
    since = _watch()
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", name=name, exact=True, level=1).wait_for()
    page.wait_for_selector(DRAWN)
    took = since()
    page.wait_for_timeout(500)
    return took


def _watch() -> Callable[[], float]:
    begun = time.perf_counter()
    return lambda: (time.perf_counter() - begun) * 1000


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in found), 0) for name in found[0]}
