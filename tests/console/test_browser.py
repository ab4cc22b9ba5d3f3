"""The console in a real Chromium under its full policy: what it asks for, what it refuses, and how it moves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.console import fakes, served

pytestmark = [pytest.mark.browser, pytest.mark.processes]
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)
READY = "[data-testid=stApp][data-test-script-state=notRunning]"
ADDRESSES = (
    "/",
    "/traffic",
    "/traffic?panel=latency",
    "/breakers",
    "/breakers?circuit=geocoder",
    "/playground",
    "/audit",
    "/operators",
    "/health",
    "/me",
)
LOOKS = (("light", 1440), ("dark", 390))
# Streamlit's page looks for its server beside the page's own address first, and falls back; the policy refuses the first try.
# One of its style sheets carries a font as data:, which no text of ours uses; its grid tries WebAssembly, and falls back too.
EXPECTED_VIOLATIONS = ("/_stcore/health", "/_stcore/host-config", "data", "wasm-eval")


@dataclass
class Watched:
    """A page, every host it asked and every violation of its policy."""

    page: Page
    base: str
    foreign: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(self.base + address)
        self.page.wait_for_selector(READY, timeout=40_000)
        self.page.wait_for_timeout(800)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with served.console("uvicorn", "bad") as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        yield opened
        opened.close()


def signed_in(browser: Browser, base: str, look: tuple[str, int] = LOOKS[0]) -> Watched:
    theme, width = look
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    watched = Watched(context.new_page(), base)
    page = watched.page
    page.expose_function("violated", lambda blocked: watched.violations.append(blocked))
    page.add_init_script("addEventListener('securitypolicyviolation', event => window.violated(event.blockedURI))")
    page.on("request", lambda request: None if request.url.startswith((base, "data:", "blob:")) else watched.foreign.append(request.url))
    page.goto(base + "/login")
    page.fill("#name", "admin")
    page.fill("#password", fakes.PASSWORD)
    page.click("button")
    page.wait_for_selector(READY, timeout=40_000)
    return watched


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_no_page_asks_another_host_violates_its_policy_or_is_wider_than_the_screen(
    browser: Browser, base: str, look: tuple[str, int]
) -> None:
    watched = signed_in(browser, base, look)
    for address in ADDRESSES:
        watched.open(address)
        assert watched.page.locator("[data-testid=stException]").count() == 0, address
        assert watched.page.locator("text=met a fault").count() == 0, address
        wide = watched.page.evaluate(
            "document.querySelector('[data-testid=stMain]').scrollWidth - document.querySelector('[data-testid=stMain]').clientWidth"
        )
        assert wide <= 0, address
    assert watched.foreign == []
    assert [uri for uri in watched.violations if not uri.endswith(EXPECTED_VIOLATIONS)] == []
    watched.page.context.close()


def test_a_dialog_outlives_the_ticks_of_its_page_and_does_the_act(browser: Browser, base: str) -> None:
    watched = signed_in(browser, base)
    page = watched.page
    watched.open("/breakers?circuit=geocoder")
    page.get_by_role("button", name="Isolate Geocoder").click()
    page.get_by_label("Reason").fill("Provider confirmed an outage, OPS-318")
    page.wait_for_timeout(4500)
    assert page.get_by_label("Reason").input_value() == "Provider confirmed an outage, OPS-318"
    page.locator("[role=dialog]").get_by_role("button", name="Isolate Geocoder").click()
    page.get_by_text("Geocoder is isolated until").wait_for(timeout=10_000)
    page.get_by_role("button", name="Release Geocoder").click()
    page.get_by_label("Reason").fill("The provider says all is well again")
    page.locator("[role=dialog]").get_by_role("button", name="Release Geocoder").click()
    page.get_by_text("Geocoder is released.").wait_for(timeout=10_000)
    page.context.close()


def test_a_span_drawn_on_a_chart_stands_in_the_address_and_survives_a_reload(browser: Browser, base: str) -> None:
    watched = signed_in(browser, base)
    page = watched.page
    watched.open("/traffic")
    chart = page.locator(".js-plotly-plot .nsewdrag").first
    chart.wait_for(state="attached", timeout=60_000)
    box = chart.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 100, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + 180, middle, steps=5)
    page.mouse.move(box["x"] + 260, middle, steps=5)
    page.mouse.up()
    page.wait_for_url("**/traffic?from=*&to=*", timeout=20_000)
    page.get_by_text("fixed").first.wait_for(timeout=20_000)
    page.reload()
    page.get_by_text("fixed").first.wait_for(timeout=40_000)
    page.context.close()


def test_the_cards_move_without_being_drawn_anew(browser: Browser, base: str) -> None:
    watched = signed_in(browser, base)
    watched.open("/breakers")
    watched.page.evaluate("document.querySelector('[data-testid=stMain] h4').setAttribute('data-kept', 'yes')")
    watched.page.wait_for_timeout(5000)
    assert watched.page.locator("[data-kept=yes]").count() == 1
    watched.page.context.close()


def test_a_chart_is_calculated_and_its_address_brings_it_back(browser: Browser, base: str) -> None:
    watched = signed_in(browser, base)
    page = watched.page
    watched.open("/playground")
    page.get_by_role("button", name="Calculate").click()
    page.get_by_role("tab", name="Aspects").wait_for(timeout=10_000)
    page.wait_for_url("**case=*")
    assert "1990" not in page.url
    page.reload()
    page.get_by_role("tab", name="Aspects").wait_for(timeout=20_000)
    expect(page.get_by_label("Local date", exact=True)).to_have_value("1990-06-15", timeout=20_000)
    page.context.close()
