"""Somebody in front of the console: goes to pages, waits until they are drawn, notices what the browser complains of."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page, Request, expect

DRAWN = "[data-testid=stApp][data-test-script-state=notRunning]"
SIZES = {"light": ("light", 1440, 900), "dark": ("dark", 1440, 900), "390-light": ("light", 390, 844), "390-dark": ("dark", 390, 844)}
# Only the documentation's pictures need every look; the pages themselves are seen in each by the tests of accessibility.
LOOKS = tuple(SIZES) if os.environ.get("ASTROLABE_PICTURES") else ()
# On a deep link the browser first asks below the page's own path, is refused by the policy, and then asks at the root.
EXPECTED_COMPLAINTS = re.compile(r"_stcore/(health|host-config)|font/woff2|fonts\.g(oogleapis|static)\.com")


class Visitor:
    """Playwright's page with the words of the stories."""

    def __init__(self, page: Page, console: str) -> None:
        self.page = page
        self.console = console
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        page.set_default_timeout(20_000)
        page.on("console", self._listen)
        page.on("request", self._watch)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED_COMPLAINTS.search(message.text):
            self.complaints.append(message.text[:300])

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.console, self.console.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(request.url[:200])

    def go(self, path: str) -> None:
        self.page.goto(self.console + path)
        self.drawn()

    def drawn(self) -> None:
        self.page.wait_for_selector(DRAWN)
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector(DRAWN)
        self.is_well()

    def sign_in(self, name: str, password: str, path: str = "/") -> None:
        self.page.goto(self.console + path)
        self.page.get_by_label("Operator name").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.drawn()

    def reads(self, words: str) -> None:
        """These words are on the screen, now or soon."""
        expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible()

    def photograph(self, folder: Path, name: str, again: Callable[[Visitor], None] | None = None) -> None:
        """As it stands; for the documentation in each look, freshly loaded, where ``again`` repeats what a reload undoes."""
        for suffix in LOOKS:
            self._look(*SIZES[suffix], again)
            self.page.wait_for_timeout(1200)
            self.is_well()
            self.page.screenshot(path=folder / f"{name}-{suffix}.png")
        if LOOKS:
            self._look("light", 1440, 900, again)
        else:
            self.is_well()
            self.page.screenshot(path=folder / f"{name}.png")

    def pose(self, milliseconds: float) -> None:
        """Wait for what only makes a better picture."""
        if LOOKS:
            self.page.wait_for_timeout(milliseconds)

    def is_well(self) -> None:
        expect(self.page.get_by_text("This page met a fault of ours")).to_have_count(0)

    def _look(self, scheme: str, width: int, height: int, again: Callable[[Visitor], None] | None) -> None:
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.reload()
        if self.page.locator("[data-testid=stApp]").count():
            self.drawn()
        if again:
            again(self)
