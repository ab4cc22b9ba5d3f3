"""What axe finds on each page, light and dark, wide and narrow: nothing beyond a reasoned list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.visitor import SIZES, Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
Kind = tuple[str, str]
PAGES = (
    "/", "/playground", "/compare", "/cases", "/breakers", "/breakers?circuit=geocoder", "/audit",
    "/operators", "/health", "/me", "/explorer?a=up", "/logs", "/requests",
)  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = ("light", "390-dark")
# What stays, as (rule, what the element looks like), and why. An entry that no longer occurs has to go: the last test says so.
KNOWN = {
    ("list", r"stSidebarNavItems"): "Streamlit puts the menu's section headings among the items of a list; not ours to draw",
    ("listitem", r"^<li "): "the same menu: its items are nested below headings",
    (
        "color-contrast",
        r"^<p>(By place|Form|Range|Tropical|Another case|comfortable)</p>$",
    ): "the chosen segment's text has the primary colour, 3.3 : 1 on dark; a "
    "lighter one would make the white text on buttons illegible, and Streamlit has one colour for both",
}


@pytest.fixture(scope="module")
def seen() -> set[Kind]:
    return set()


@pytest.fixture(scope="module", params=LOOKS)
def visitor(request: pytest.FixtureRequest, browser: Browser, demo: Product) -> Iterator[Visitor]:
    """Somebody who goes from page to page and so fetches the console's files once."""
    scheme, width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light")
    context.add_cookies(demo.browser_cookies())
    yield Visitor(context.new_page(), demo.console)
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_violation_beyond_the_reasoned_list(visitor: Visitor, path: str, seen: set[Kind]) -> None:
    visitor.go(path)
    unexpected = []
    for rule, element in _violations(visitor.page):
        known = next((kind for kind in KNOWN if kind[0] == rule and re.search(kind[1], element)), None)
        if known:
            seen.add(known)
        else:
            unexpected.append((rule, element))
    assert unexpected == []


def test_the_reasoned_list_has_no_idle_entry(seen: set[Kind]) -> None:
    assert set(KNOWN) - seen == set()


def _violations(page: Page) -> list[Kind]:
    """Each violated rule with the element that violates it."""
    response = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response
    return [(one["id"], node["html"][:200]) for one in response["violations"] for node in one["nodes"]]
