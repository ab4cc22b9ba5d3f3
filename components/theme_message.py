"""The theme as browsers are sent it, written once.

Every run of a page, each tick of a live part included, begins with a message that holds the theme. Streamlit writes it anew from all of
its options, six times over, which takes a quarter of a page's time; it cannot change while a process lives.
"""

from __future__ import annotations

from typing import Protocol

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


class Write(Protocol):
    """Put the options of a section of the configuration into a message."""

    def __call__(self, msg: CustomThemeConfig, section: str = "theme") -> None: ...


def written_once(write: Write) -> Write:
    """The same, but each section is read from the options the first time only."""
    kept: dict[str, CustomThemeConfig] = {}

    def copy(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in kept:
            first = CustomThemeConfig()
            write(first, section)
            kept[section] = first
        msg.MergeFrom(kept[section])

    return copy


def keep() -> None:
    """Let Streamlit send the kept theme; call once, when the options stand."""
    app_session._populate_theme_msg = written_once(app_session._populate_theme_msg)
