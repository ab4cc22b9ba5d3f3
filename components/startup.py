"""What the console does before its first visitor: settings that must not stand in a file, heavy imports, frozen memory."""

from __future__ import annotations

import gc
import importlib
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import plotly.io
from streamlit import config

import components
from components import page_figures, wording
from components.colours import LIGHT
from components.doorway import Address
from components.login import Parts
from components.services import services
from components.times import Watch
from components.views import count_figures, plots, time_figures
from components.views.buckets import Heat
from components.views.curves import Line
from components.views.plots import Plot
from components.views.spans import Row, Span

_HEAVY = (
    *("pandas", "pyarrow", "pyarrow.pandas_compat", "pyarrow.vendored.version", "numpy", "orjson", "PIL.ImageFile"),
    *("plotly.graph_objects", "plotly.io", "plotly.tools", "prometheus_api_client", "requests"),
    *("streamlit.elements.arrow", "streamlit.emojis", "streamlit.material_icon_names", "streamlit.web.skills"),
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
    # A whole collection after every run costs more than the run; the interpreter's own is enough, as what is there for good is frozen.
    config.set_option("runner.postScriptGC", False)
    # What a browser still holds of an earlier run is named, not sent again; a name takes some 75 bytes down, and 34 up.
    config.set_option("global.minCachedMessageSize", 120)
    config.set_option("server.cookieSecret", services().secret)
    config.set_option("server.allowedHosts", sorted({name, "localhost", "127.0.0.1"}))
    config.set_option("server.corsAllowedOrigins", [services().settings_view.console_base])


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Import what pages need and put it out of the collector's sight."""
    for name in (*_HEAVY, *_ours()):
        importlib.import_module(name)
    _draw_once()
    wording.read_all()
    services().series.read(page_figures.sessions)
    gc.collect()
    gc.freeze()
    yield {}


def _ours() -> list[str]:
    """Every module that a page may need, whatever page comes first."""
    return [module.name for module in pkgutil.walk_packages(components.__path__, "components.") if module.name != "components.entry"]


def _draw_once() -> None:
    """One chart of each kind: what Plotly only makes when it is first asked for is made now."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plot = Plot(now - timedelta(hours=1), now, 15.0, Watch(UTC, now), LIGHT, limit=1.0)
    times = np.array([plots.milliseconds(plot.start), plots.milliseconds(now)], np.int64)
    figures = (
        time_figures.lines([Line("", times, np.ones(2), "info", 1.8)], plot),
        time_figures.heat(Heat(("",), times, np.ones((1, 2))), plot),
        time_figures.states([Row("", (Span(plot.start, now, "ok", ""),))], plot),
        count_figures.bars([(now, {"info": 1})], timedelta(minutes=1), {"info": "info"}, plot),
    )
    for figure in figures:
        plotly.io.to_json(figure)
