"""Somebody asks the metrics: completes a query, reads the chart, mends a fault at its place, and shares the query with a colleague."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
CHART = ".js-plotly-plot .main-svg"


def test_a_query_is_completed_run_mended_and_shared(visitor: Visitor, demo: Product, pictures: Path) -> None:
    page = visitor.page
    page.context.add_cookies(demo.browser_cookies())
    visitor.go("/explorer")
    field = page.get_by_label("Query a", exact=True)
    field.press_sequentially("scrape_samples_sc")
    page.get_by_role("radio", name="scrape_samples_scraped", exact=True).click()
    expect(field).to_have_value("scrape_samples_scraped")
    field.press("Control+Enter")
    page.wait_for_url("**/explorer?a=scrape_samples_scraped")
    expect(page.locator(CHART).first).to_be_visible(timeout=60_000)
    visitor.reads("embedded store")
    visitor.photograph(pictures, "explorer")

    field.press("End")
    field.press_sequentially("[5m")
    field.press("Control+Enter")
    visitor.reads("This is no query.")
    expect(page.get_by_test_id("stCode").first).to_contain_text("^", timeout=20_000)

    page.go_back()
    visitor.drawn()
    expect(field).to_have_value("scrape_samples_scraped", timeout=20_000)
    page.get_by_text("Saved queries and history").click()
    page.get_by_role("button", name="Save what is written").click()
    page.get_by_label("Title").fill("Size of each process's metrics")
    page.get_by_text("Share with the team").click()
    page.get_by_role("button", name="Save", exact=True).click()
    visitor.reads("Saved as Size of each process")
    assert (visitor.complaints, visitor.foreign) == ([], [])
