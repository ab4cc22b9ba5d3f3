"""One demo for all browser tests, started as a newcomer starts it, and one real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.peers.first_load import FLAGS
from tests.browser.visitor import Visitor
from tests.support.places import place_index_path, with_index
from tests.support.product import Product

__all__ = ["place_index_path"]
HERE = Path(__file__).parent
FIRST = "test_story.py"  # of a newcomer: who follows finds an admin


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = [place for place, item in enumerate(items) if item.path.parent == HERE]
    ordered = sorted((items[place] for place in places), key=lambda item: item.path.name != FIRST)
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, place_index_path: Path) -> Iterator[Product]:
    folder = with_index(tmp_path_factory.mktemp("demo") / "state", place_index_path)
    with Product(folder, "demo", {"ASTROLABE_API_PROCESSES": "2"}) as product:
        yield product


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "the browser tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    yield fresh
    fresh.close()


@pytest.fixture
def visitor(context: BrowserContext, demo: Product) -> Visitor:
    return Visitor(context.new_page(), demo.console)


@pytest.fixture(scope="module")
def pictures() -> Path:
    """Where screenshots go: not kept in git; those of the documentation are copied from here by hand."""
    folder = Path(__file__).resolve().parents[1] / "output" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
