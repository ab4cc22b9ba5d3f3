"""Choices that stand in the address under short names, so that a link, a reload and the way back show the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st


def begin(key: str, name: str, options: Sequence[Any], default: Any) -> None:
    """Before the widget is drawn: what the address asks for, where that is one of the options, else the default."""
    asked = st.query_params.get(name)
    seen = f"{key}_asked"
    is_new = seen not in st.session_state or st.session_state[seen] != asked
    if is_new or key not in st.session_state or st.session_state[key] not in options:
        st.session_state[key] = next((one for one in options if str(one) == asked), default)
    st.session_state[seen] = asked


def writing(key: str, name: str, default: Any) -> Callable[[], None]:
    """For the widget's ``on_change``: what was chosen goes into the address, the default out of it."""

    def write() -> None:
        chosen = st.session_state[key]
        if chosen == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = str(chosen)
        st.session_state[f"{key}_asked"] = st.query_params.get(name)

    return write


def link(label: str, key: str, **params: str) -> None:
    """To another part of the same page: a page link to the page one is on leaves the address in the browser as it was."""
    st.button(label, key=key, type="tertiary", on_click=st.query_params.from_dict, args=(params,))
