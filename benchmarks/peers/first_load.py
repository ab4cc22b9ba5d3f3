"""How much a browser with an empty cache fetches for one page."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.sync_api import sync_playwright

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def static_bytes(url: str, cookies: list[str]) -> int:
    """Bytes over the wire of everything but the websocket, until the page is drawn."""
    sizes: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": url} for name, value in (cookie.split("=", 1) for cookie in cookies)])
        page = context.new_page()

        def finished(event: dict[str, Any]) -> None:
            sizes.append(event["encodedDataLength"])

        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", finished)
        page.goto(url)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60_000)
        page.wait_for_load_state("networkidle")
        browser.close()
    return round(sum(sizes))
