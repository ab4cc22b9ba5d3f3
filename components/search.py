"""The search box: paste any id, its kind is recognised, and what it names is one step away."""

from __future__ import annotations

import streamlit as st

from backend.errors import ServiceError
from components import frame, markup, navigation, session
from components.services import services
from components.session import Seen
from components.state import glyph
from components.wording import say


def box(seen: Seen) -> None:
    """The box, and below it what was found."""
    text = st.text_input(
        say("now.search"),
        placeholder=say("now.search_hint"),
        label_visibility="collapsed",
        type="search",
        key="now_search",
        max_chars=200,
        on_change=_noticed,
    )
    if not text.strip():
        return
    try:
        hits = services().search.find(seen.actor, text.strip())
    except ServiceError as error:
        frame.refused(error)
        return
    if not hits:
        st.markdown(f"{glyph('info', 12)} {say('now.search_none')}")
    for hit in hits[:8]:
        _hit(hit)


def _noticed() -> None:
    """Typing is activity, though the box stands in a part that renews itself."""
    session.current(active=True)


def _hit(hit: object) -> None:
    kind, page = getattr(hit, "kind", ""), getattr(hit, "page", "")
    if page in navigation.BY_NAME:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":small[:gray[{markup.text(kind)}]]", width="content")
            label = markup.text(getattr(hit, "title", ""))
            st.page_link(navigation.page(page), label=label, query_params=getattr(hit, "params", {}) or {}, width="content")
