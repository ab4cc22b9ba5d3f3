"""Filters of a page: each a widget whose choice stands in the address under a short name, so that a link asks for the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import streamlit as st

from components import markup
from components.wording import say

LONGEST = 200
PAGE = "before"  # the place in a list, which another question begins anew


def text(page: str, name: str, label: str, *, hint: str = "", help_words: str | None = None) -> str:
    """A line of text; empty asks for nothing."""
    key = _begin(page, name, st.query_params.get(name, "")[:LONGEST])
    typed = st.text_input(
        label,
        key=key,
        placeholder=hint,
        help=help_words,
        max_chars=LONGEST,
        on_change=_writing(key, name, lambda value: str(value).strip()),
    )
    return typed.strip()


def choice(page: str, name: str, label: str, options: Mapping[str, str], *, anything: str) -> str:
    """One of the options (value to words), or none; what an address asks for is among them though it be none of them."""
    asked = st.query_params.get(name, "")[:LONGEST]
    values = ["", *options] if asked in options or not asked else ["", asked, *options]
    key = _begin(page, name, asked)
    if st.session_state[key] not in values:
        st.session_state[key] = ""
    found = st.selectbox(
        label, values, format_func=lambda one: options.get(one, one) if one else anything, key=key, on_change=_writing(key, name, str)
    )
    return str(found or "")


def several(page: str, name: str, label: str, options: Sequence[str], words: Callable[[str], str] = str) -> tuple[str, ...]:
    """Any of the options; none chosen asks for nothing."""
    asked = [one for one in st.query_params.get(name, "").split(",") if one in options]
    key = _begin(page, name, asked)
    found = st.pills(label, options, selection_mode="multi", format_func=words, key=key, on_change=_writing(key, name, ",".join))
    return tuple(one for one in options if one in found)


def switch(page: str, name: str, label: str, help_words: str | None = None) -> bool:
    """On or off; only on stands in the address."""
    key = _begin(page, name, st.query_params.get(name) == "1")
    return bool(st.toggle(label, key=key, help=help_words, on_change=_writing(key, name, lambda on: "1" if on else "")))


@contextmanager
def more(page: str, names: Sequence[str]) -> Iterator[bool]:
    """Filters that few ask for, behind a button; whether they are to be drawn: while it is open, or where one of them is asked for.

    The button's words never change: they are part of what Streamlit knows it by, and a popover with another name is a closed one.
    """
    count = sum(1 for name in names if st.query_params.get(name))
    with st.popover(say("filters.more"), key=f"{page}_more", on_change="rerun", type="tertiary") as popover:
        yield bool(popover.open or count)
    if count:
        st.markdown(markup.soft(say("filters.more_on", count=count)), width="content")


def clear(names: Sequence[str]) -> None:
    """For a callback: ask for nothing of this any more."""
    for name in (*names, PAGE):
        st.query_params.pop(name, None)


def put(params: Mapping[str, str]) -> None:
    """For a callback: ask for this too; an empty value asks for nothing of the name."""
    for name, value in params.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _begin(page: str, name: str, asked: object) -> str:
    """The widget's key. What the address asks for counts where it has changed since the widget was drawn."""
    key, seen = f"{page}_{name}", f"{page}_{name}_asked"
    if key not in st.session_state or st.session_state.get(seen) != asked:
        st.session_state[key] = asked
    st.session_state[seen] = asked
    return key


def _writing(key: str, name: str, written: Callable[..., str]) -> Callable[[], None]:
    """For the widget's ``on_change``: what was chosen goes into the address, from where it is read as the same."""

    def write() -> None:
        put({name: written(st.session_state[key]), PAGE: ""})

    return write
