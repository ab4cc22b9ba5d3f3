"""What the console does before its first visitor: settings that must not stand in a file, heavy imports, frozen memory."""

from __future__ import annotations

import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from streamlit import config

from components import page_figures, wording
from components.doorway import Address
from components.login import Parts
from components.services import services

_HEAVY = (
    *("pandas", "pyarrow", "pyarrow.pandas_compat", "pyarrow.vendored.version", "numpy", "orjson", "PIL.ImageFile"),
    *("streamlit.elements.arrow", "streamlit.emojis", "streamlit.material_icon_names", "streamlit.web.skills"),
    *(
        "components.navigation",
        "components.search",
        "components.acts",
        "components.circuit_offers",
        "components.circuit_cards",
        "components.drawings",
        "components.live",
        "components.playground_form",
        "components.playground_history",
        "components.playground_result",
        "components.compared",
        "components.case_cards",
        "components.regression_cards",
    ),
    *(f"components.views.{name}" for name in ("accounts", "audit", "circuits", "health", "now", "tiles")),
)


def address() -> Address:
    """How browsers reach this console."""
    settings = services().settings_view
    return _address(settings.console_base, getattr(settings, "trusted_proxy", ""))


@cache
def _address(base: str, trusted_proxy: str) -> Address:
    return Address(base, trusted_proxy)


def parts() -> Parts:
    return Parts(services().accounts, services().secret)


def knows(token: str) -> bool:
    """Whether this is the token of a living session; looking does not count as activity."""
    return services().accounts.session_of(token, active=False) is not None


def configure() -> None:
    """The part of Streamlit's configuration that belongs to this deployment and not to the repository."""
    name = urlsplit(services().settings_view.console_base).hostname or "localhost"
    config.set_option("server.cookieSecret", services().secret)
    config.set_option("server.allowedHosts", sorted({name, "localhost", "127.0.0.1"}))
    config.set_option("server.corsAllowedOrigins", [services().settings_view.console_base])


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Import what pages need and put it out of the collector's sight, as Streamlit collects after every run (55 ms with it in view)."""
    for name in _HEAVY:
        importlib.import_module(name)
    wording.read_all()
    services().series.read(page_figures.sessions)
    gc.collect()
    gc.freeze()
    yield {}
