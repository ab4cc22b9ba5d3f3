"""Which pages exist for whom: a page that a role may not see is not registered at all, and each page checks again."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from backend.actor import Actor, Permission
from backend.errors import StorageUnavailable
from components import banner, frame, page_figures, pictures, session
from components.services import services
from components.state import theme
from components.turns import TURNS

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True)
class Entry:
    """One page: its file, the words in the menu, its address, its group, and what one must be allowed."""

    name: str
    title: str
    path: str
    group: str
    permission: Permission

    @property
    def file(self) -> Path:
        return PAGES_FOLDER / f"{self.name}.py"


ENTRIES = (
    Entry("now", "Now", "", "", Permission.VIEW_OPERATIONS),
    Entry("explorer", "Explorer", "explorer", "Investigate", Permission.EXPLORE_METRICS),
    Entry("logs", "Logs", "logs", "Investigate", Permission.VIEW_LOGS),
    Entry("requests", "Requests", "requests", "Investigate", Permission.VIEW_REQUESTS),
    Entry("audit", "Audit", "audit", "Investigate", Permission.READ_OWN_ACTS),
    Entry("traffic", "Traffic", "traffic", "Watch", Permission.VIEW_OPERATIONS),
    Entry("breakers", "Breakers", "breakers", "Watch", Permission.VIEW_OPERATIONS),
    Entry("playground", "Playground", "playground", "Calculate", Permission.COMPUTE_CHARTS),
    Entry("compare", "Compare", "compare", "Calculate", Permission.COMPUTE_CHARTS),
    Entry("cases", "Cases", "cases", "Calculate", Permission.KEEP_CASES),
    Entry("operators", "Operators", "operators", "Administer", Permission.VIEW_OPERATORS),
    Entry("health", "Health", "health", "Console", Permission.VIEW_OPERATIONS),
    Entry("me", "You", "me", "Console", Permission.MANAGE_OWN_SESSIONS),
)
BY_NAME = {entry.name: entry for entry in ENTRIES}


def visible(actor: Actor) -> tuple[Entry, ...]:
    """The pages of this actor, in the order of the menu."""
    return tuple(entry for entry in ENTRIES if actor.may(entry.permission))


def page(name: str) -> Any:
    """Streamlit's page object, for menu and links: a copy of one made once, as making one asks the disk and a run marks its own."""
    return copy.copy(_made(name))


@cache
def _made(name: str) -> Any:
    entry = BY_NAME[name]
    return st.Page(entry.file, title=entry.title, url_path=entry.path or "now", default=not entry.path)


def run() -> None:
    """Draw the frame around the page that was asked for, and the page."""
    with TURNS.taken():
        _run()


def _run() -> None:
    try:
        seen = session.current(active=True)
    except StorageUnavailable:
        _alone(frame.unknown_visitor)
        return
    if seen is None:
        _alone(frame.ended)
        return
    groups: dict[str, list[Any]] = {}
    for entry in visible(seen.actor):
        groups.setdefault(entry.group, []).append(page(entry.name))
    here = st.navigation(groups, expanded=True)
    _dress(f"{here.title} · Astrolabe")
    behind = services()
    with page_figures.drawn(here.url_path or "now", behind.series, behind.clock):
        frame.sidebar(seen, behind.settings_view)
        banner.draw(seen, page("breakers"))
        here.run()


def _alone(card: Any) -> None:
    """A card without navigation: nobody is signed in."""
    st.navigation([st.Page(card, title="Astrolabe", url_path="ended", default=True)], position="hidden").run()
    _dress("Astrolabe")


def _dress(title: str) -> None:
    """After st.navigation: before it, the tab's icon would be looked for elsewhere."""
    st.set_page_config(page_title=title, layout="wide", initial_sidebar_state=220, page_icon=pictures.mark(theme()))
    st.logo(pictures.logo(theme()), size="medium")
