"""What axe finds on each page, light and dark, wide and narrow: nothing beyond a reasoned list."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.browser.visitor import SIZES, Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
Kind = tuple[str, str]
PAGES = ("/", "/playground", "/breakers", "/breakers?circuit=geocoder", "/audit", "/operators", "/health", "/me")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS = ("light", "390-dark")
# What stays, as (rule, what the element looks like), and why. An entry that no longer occurs has to go: the last test says so.
KNOWN = {
    ("list", r"stSidebarNavItems"): "Streamlit puts the menu's section headings among the items of a list; not ours to draw",
    ("listitem", r"^<li "): "the same menu: its items are nested below headings",
    ("color-contrast", r"^<p>(By place|Tropical|comfortable)</p>$"): "the chosen segment's text has the primary colour, 3.3 : 1 on dark; a "
    "lighter one would make the white text on buttons illegible, and Streamlit has one colour for both",
}


@pytest.fixture(scope="module")
def seen() -> set[Kind]:
    return set()


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_violation_beyond_the_reasoned_list(
    context: BrowserContext, demo: Product, look: str, path: str, seen: set[Kind]
) -> None:
    scheme, width, height = SIZES[look]
    context.add_cookies(demo.browser_cookies())
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": height})
    Visitor(page, demo.console).go(path)
    unexpected = []
    for rule, element in _violations(page):
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
