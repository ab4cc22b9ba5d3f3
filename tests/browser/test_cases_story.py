"""A wrong chart is compared, shared and kept: from one operator to the other, and caught when a body moves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import Visitor
from tests.support.doctored_api import doctored_api
from tests.support.product import PASSWORD, ROOT, Product, post_form

pytestmark = [pytest.mark.browser, pytest.mark.processes]
ARCSECOND = 1 / 3600
COLLEAGUE = "dana"
REASON = "Checked against the almanac, ticket OPS-77"
SET = "Clocks of Lisbon"


@pytest.fixture
def case_id(visitor: Visitor, demo: Product) -> str:
    """A chart calculated in the playground, which keeps its request as a case."""
    visitor.page.context.add_cookies(demo.browser_cookies())
    visitor.go("/playground")
    visitor.page.get_by_role("button", name="Calculate").click()
    visitor.page.wait_for_url(re.compile("case="))
    visitor.drawn()
    return parse_qs(urlsplit(visitor.page.url).query)["case"][0]


def test_two_house_systems_are_compared_and_nothing_but_houses_moves(visitor: Visitor, case_id: str, pictures: Path) -> None:
    visitor.go(f"/compare?left={case_id}&way=changed&house_system=koch")
    visitor.reads("values differ beyond 1″")
    table = visitor.page.get_by_test_id("stTable")
    expect(table.first).to_contain_text("koch", timeout=20_000)
    expect(table.nth(1)).to_contain_text(re.compile(r"House (2|3|5|6|8|9|11|12)"))
    expect(table.nth(1)).to_contain_text("″")
    for body in ("Sun", "Moon", "Ascendant", "Midheaven"):
        expect(table.nth(1).get_by_text(body, exact=True)).to_have_count(0)
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("button", name="Differences as CSV").click()
    lines = Path(download.value.path()).read_text("utf-8").splitlines()
    assert lines[0].startswith("path,value,left,right,difference")
    assert any(line.startswith("settings.house_system,") for line in lines)
    visitor.photograph(pictures, "compare")
    assert (visitor.complaints, visitor.foreign) == ([], [])


def test_a_shared_case_opens_the_same_chart_for_a_colleague(
    visitor: Visitor, demo: Product, browser: Browser, case_id: str, pictures: Path
) -> None:
    mine = _chart(visitor)
    visitor.go(f"/cases?case={case_id}")
    visitor.page.get_by_role("button", name="Share with the team…").click()
    visitor.page.get_by_label("Title for the team").fill("Wrong ascendant, OPS-77")
    visitor.page.get_by_role("button", name="Share with the team", exact=True).click()
    visitor.reads("The case is shared with the team as")
    visitor.photograph(pictures, "cases")
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        colleague = Visitor(context.new_page(), demo.console)
        _invite(demo)
        colleague.sign_in(COLLEAGUE, PASSWORD)
        colleague.go(f"/playground?case={case_id}")
        assert _chart(colleague) == mine
        assert "1990" not in colleague.page.url
        assert (colleague.complaints, colleague.foreign) == ([], [])
    visitor.go(f"/audit?audit_actor={COLLEAGUE}")
    visitor.reads("cases.open")


def test_a_regression_set_catches_a_shifted_body(visitor: Visitor, demo: Product, case_id: str, pictures: Path) -> None:
    page = visitor.page
    visitor.go(f"/cases?case={case_id}")
    page.get_by_role("button", name="Create a set").click()
    page.get_by_label("Title", exact=True).last.fill(SET)
    page.get_by_role("button", name="Create the set").click()
    visitor.reads(f"The set {SET} is created")
    page.get_by_role("button", name="Add to a regression set").click()
    page.get_by_role("button", name="Add to the set").click()
    visitor.reads("answer is expected from now on")
    expect(page.get_by_role("button", name="Add to the set")).to_be_hidden()  # it would lie over the sets
    page.get_by_role("button", name=f"Open {SET}").click()
    page.get_by_role("button", name="Run the set").click()
    expect(page.get_by_text("Every answer is as expected").first).to_be_visible(timeout=30_000)
    with doctored_api(demo.api, "mars", 2 * ARCSECOND) as doctor:
        failed = _regress(demo, doctor)
    assert failed.returncode == 1
    told = json.loads(failed.stdout)
    assert [one["path"] for one in told["sets"][0]["results"][0]["differences"]] == ["bodies[mars].longitude_degrees"]
    page.reload()
    visitor.reads("Drifted: 1 of 1 answers")
    expect(page.get_by_test_id("stTable").first).to_contain_text(re.compile(r"Mars.*\+2\.00″"))
    visitor.photograph(pictures, "regression-set")
    _accept(visitor)
    assert _regress(demo, demo.api).returncode == 1  # what is expected now is the shifted one
    page.reload()
    expect(page.get_by_test_id("stTable").first).to_contain_text(re.compile(r"Mars.*−2\.00″"))
    _take_back(visitor)
    assert _regress(demo, demo.api).returncode == 0
    assert (visitor.complaints, visitor.foreign) == ([], [])


def _chart(visitor: Visitor) -> str:
    """The wheel that is drawn, in its words: every position to the minute."""
    picture = visitor.page.locator("[data-testid=stImage] img[alt*='Ascendant'], img[alt*='ascendant']").first
    expect(picture).to_be_visible()
    return str(picture.get_attribute("alt"))


def _invite(demo: Product) -> None:
    """An operator who is a developer."""
    words = ["admin", "invite-code", COLLEAGUE, "developer", "--reason", "Joins the team this week", "--json"]
    code = json.loads(_backend(demo, words).stdout)["code"]
    with httpx.Client(base_url=demo.console, headers={"origin": demo.console}) as browser:
        post_form(browser, "/join", code=code, password=PASSWORD)


def _regress(demo: Product, api: str) -> subprocess.CompletedProcess[str]:
    return _backend(demo, ["charts", "regress", SET, "--json"], ASTROLABE_API_URL=api)


def _backend(demo: Product, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "backend", *words]
    return subprocess.run(command, cwd=ROOT, env={**demo.environment, **more}, capture_output=True, text=True, timeout=60)


def _accept(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Accept what was answered").click()
    dialog = visitor.page.get_by_test_id("stDialog")
    expect(dialog.get_by_role("button", name="Accept as expected")).to_be_disabled()
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Accept as expected").click()
    visitor.reads("Expected from now on: 1")


def _take_back(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Expects answer 2").click()
    visitor.reads(REASON)
    visitor.page.keyboard.press("Escape")
    visitor.page.get_by_role("button", name="More").last.click()
    visitor.page.get_by_text("Take back the accepted answer").click()
    dialog = visitor.page.get_by_test_id("stDialog")
    dialog.get_by_label("Reason").fill("It was the faulty answer, ticket OPS-78")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Take back the accepted answer").click()
    visitor.reads("Answer 1 is expected again")
