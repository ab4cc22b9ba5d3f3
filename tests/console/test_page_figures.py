"""Runs of pages in the metrics of the console."""

from __future__ import annotations

import pytest
from streamlit.runtime.scriptrunner import StopException

from backend.telemetry.series import Series
from components import page_figures
from tests.support.clock import ManualClock
from tests.support.expositions import read_exposition


def runs(series: Series) -> dict[tuple[str, str], float]:
    found = [one for one in read_exposition(series.exposition()) if one.name == "astrolabe_console_page_runs_total"]
    return {(one.labels["page"], one.labels["outcome"]): one.value for one in found}


def test_each_run_of_a_page_is_counted_with_its_end_and_its_time() -> None:
    series, clock = Series("1", "console"), ManualClock()
    with page_figures.drawn("now", series, clock):
        clock.advance(0.2)
    with pytest.raises(StopException), page_figures.drawn("now", series, clock):
        raise StopException
    with pytest.raises(KeyError), page_figures.drawn("audit", series, clock):
        raise KeyError("Ada")
    assert runs(series) == {("now", "ok"): 1, ("now", "left"): 1, ("audit", "failed"): 1}
    assert b'astrolabe_console_page_seconds_sum{page="now"} 0.2' in series.exposition()


def test_a_console_that_starts_twice_in_a_process_is_asked_once() -> None:
    series = Series("1", "console")
    for _ in range(2):
        series.read(page_figures.sessions)
    assert len(series._readings._reads) == len(set(series._readings._reads))
