"""A developer tries the API in the playground: odd clocks, places of one name, another technique, JSON, and a second opinion."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor
from tests.support.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
BERLIN = {"date": "2026-03-29", "time": "02:30", "latitude": 52.5, "longitude": 13.4, "time_zone": "Europe/Berlin"}


@pytest.fixture
def playground(visitor: Visitor, demo: Product) -> Visitor:
    visitor.page.context.add_cookies(demo.browser_cookies())
    visitor.go("/playground")
    return visitor


def _calculate(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Calculate").click()
    visitor.drawn()


def _in(visitor: Visitor, mode: str) -> None:
    visitor.page.get_by_test_id("stMain").get_by_text(mode, exact=True).first.click()
    visitor.drawn()


def _write(visitor: Visitor, request: dict[str, object]) -> None:
    """Type a request as JSON and go back to the form."""
    _in(visitor, "JSON")
    visitor.page.get_by_label("Request body").fill(json.dumps(request))
    visitor.page.get_by_label("Request body").press("Control+Enter")
    visitor.drawn()
    _in(visitor, "Form")


def _type(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Enter")


def test_json_goes_through_the_form_and_comes_back_with_the_clocks_oddities_settled(playground: Visitor) -> None:
    page = playground.page
    _write(playground, {**BERLIN, "house_system": "koch", "orbs": {"trine": 6.5}})
    playground.reads("This time never came in Europe/Berlin")
    page.get_by_role("button", name="Use 03:00:00, just after the gap").click()
    playground.drawn()
    expect(page.get_by_label("Local time", exact=True)).to_have_value("03:00:00")
    _type(page, "Local date", "2026-10-25")
    _type(page, "Local time", "02:30")
    playground.reads("The clock showed this time twice that night")
    page.get_by_text("Second (UTC+01:00)").click()
    playground.drawn()
    _calculate(playground)
    expect(page.get_by_text(re.compile("= 2026-10-25 01:\u2060?30:00 UTC"))).to_be_visible()  # the first pass was at 00:30
    _in(playground, "JSON")
    text = page.get_by_label("Request body").input_value()
    assert json.loads(text) == {**BERLIN, "date": "2026-10-25", "time": "02:30", "fold": 1, "house_system": "koch", "orbs": {"trine": 6.5}}
    assert "2026" not in page.url
    assert (playground.complaints, playground.foreign) == ([], [])


def test_a_place_of_one_name_in_three_countries_is_chosen(playground: Visitor) -> None:
    page = playground.page
    _type(page, "Place", "Córdoba")
    page.get_by_role("button", name=re.compile("Other matches")).click()
    for country in ("AR", "ES", "MX"):
        expect(page.get_by_role("button", name=re.compile(rf"^Córdoba,.*{country} \("))).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^Córdoba,.*MX \(")).click()
    expect(page.get_by_label("Time zone", exact=True)).to_have_value("America/Mexico_City")
    _calculate(playground)
    playground.reads("America/Mexico_City =")


def test_another_technique_takes_the_chart_along(playground: Visitor, pictures: Path) -> None:
    page = playground.page
    page.get_by_role("combobox", name=re.compile("Technique")).click()
    page.get_by_role("option", name="Transits", exact=True).click()
    playground.drawn()
    expect(page.get_by_label("Local date", exact=True)).to_have_value("1990-06-15")
    _calculate(playground)
    expect(page.get_by_role("img", name=re.compile("Transits, 1 Jan"))).to_be_visible()
    expect(page.get_by_test_id("stTable").first).to_contain_text("Saturn")
    playground.photograph(pictures, "playground-transits")


def test_the_second_opinion_agrees(playground: Visitor) -> None:
    page = playground.page
    _calculate(playground)
    page.get_by_text("Second opinion: JPL DE440").click()
    page.get_by_role("button", name="Ask for a second opinion").click()
    expect(page.get_by_text("in all 10 bodies")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("beyond", exact=True)).to_have_count(0)
    assert (playground.complaints, playground.foreign) == ([], [])
