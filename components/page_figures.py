"""How often pages are drawn, in which time and with what end, and how many browsers are connected: for the metrics of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit import runtime
from streamlit.runtime.scriptrunner import RerunException, StopException
from streamlit.runtime.stats import ACTIVE_SESSIONS_FAMILY

from backend.clock import Clock
from backend.telemetry.definitions import Reading, one
from backend.telemetry.process_metrics import SESSIONS
from backend.telemetry.series import Series


@contextmanager
def drawn(page: str, series: Series, clock: Clock) -> Iterator[None]:
    """Around one run of a page from top to end; parts that refresh by themselves are not counted."""
    begun, outcome = clock.monotonic(), "failed"
    try:
        yield
        outcome = "ok"
    except (RerunException, StopException):
        outcome = "left"
        raise
    finally:
        series.page_drawn(page, outcome, clock.monotonic() - begun)


def sessions() -> list[Reading]:
    """The connected browsers as Streamlit counts them; nothing while it does not run."""
    if not runtime.exists():
        return []
    found = runtime.get_instance().stats_mgr.get_stats(family_names=[ACTIVE_SESSIONS_FAMILY])
    return [one(SESSIONS, sum(stat.value for stats in found.values() for stat in stats))]  # type: ignore[attr-defined]
