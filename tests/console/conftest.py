"""A console under test: pages in this process over stand-ins, or the real application in a process of its own."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components import navigation, services, session
from tests.console import fakes

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def _libraries_at_rest() -> None:
    """Streamlit collects garbage after each run of a page; what is loaded once and for all need not be looked through each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def handle() -> Iterator[Any]:
    """The stand-ins that pages see; a test changes them before it opens a page."""
    made = fakes.services()
    services.provide(made)
    yield made
    services.provide(None)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page as a role, over sources in one state: ``open_page('audit', 'auditor', 'stale')``."""

    def opened(name: str, role: str = "admin", state: str = "fresh", handle: Any = None, **params: str) -> AppTest:
        services.provide(handle or fakes.services(state))
        monkeypatch.setattr(session, "token", lambda: f"token-{role}")
        test = AppTest.from_file(str(ROOT / "components" / "entry.py"), default_timeout=30)
        for key, value in params.items():
            test.query_params[key] = value
        test.run()
        if name != "now":
            test.switch_page(str(navigation.BY_NAME[name].file))
            test.run()
        return test

    yield opened
    services.provide(None)


def words(test: AppTest) -> str:
    """Everything a page says, as one text."""
    kinds = (test.markdown, test.success, test.warning, test.error, test.info)
    return "\n".join(str(element.value) for elements in kinds for element in elements)
