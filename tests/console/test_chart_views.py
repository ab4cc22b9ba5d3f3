"""Charts over time: gaps stay gaps, few points and few curves are drawn, and numbers read as people write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.monitoring.promql.labels import labels_of
from backend.monitoring.promql.result import Curve
from components import colours, time_charts
from components.times import SPACE, watch
from components.views import buckets, curves, plots, spans, time_figures, units
from components.views.curves import Line
from components.views.plots import Mark, Plot, Shade

NOW = datetime(2026, 11, 24, 14, 21, tzinfo=UTC)
STEP = 15_000


def plot(zone: str = "UTC", **more: object) -> Plot:
    return Plot(NOW - timedelta(hours=1), NOW, 15.0, watch(zone, NOW), colours.LIGHT, **more)  # type: ignore[arg-type]


def curve(values: list[float], start: int = 0, **labels: str) -> Curve:
    return Curve(labels_of(labels), np.arange(len(values), dtype=np.int64) * STEP + start, np.array(values, dtype=np.float64))


def line(values: list[float]) -> Line:
    found = curve(values)
    return Line("x", found.times, found.values)


@given(
    st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(math.nan), st.just(math.inf)), max_size=80),
    st.lists(st.sampled_from([1, 1, 1, 2, 3, 40]), min_size=80, max_size=80),
    st.sampled_from([12, 60, 1000]),
)
def test_nothing_is_joined_over_a_gap_and_nothing_is_invented(values: list[float], steps: list[int], most: int) -> None:
    times = np.cumsum(np.array(steps[: len(values)], dtype=np.int64)) * STEP
    drawn = curves.drawn(Line("x", times, np.array(values, dtype=np.float64)), STEP, most)
    assert len(drawn.values) <= most
    given_points = {(int(at), value) for at, value in zip(times, values, strict=True)}
    points = list(zip(drawn.times.tolist(), drawn.values.tolist(), strict=True))
    assert {point for point in points if not math.isnan(point[1])} <= given_points
    for (at, value), (next_at, next_value) in pairwise(points):
        assert at < next_at
        if not math.isnan(value) and not math.isnan(next_value) and most == 1000:
            assert next_at - at <= 2.5 * STEP


def test_a_point_between_two_gaps_is_drawn_as_a_point() -> None:
    drawn = curves.drawn(line([1.0, math.nan, 5.0, math.nan, 2.0, 3.0]), STEP)
    assert [drawn.values[place] for place in drawn.alone] == [1.0, 5.0]
    figure = time_figures.lines([line([1.0, math.nan, 5.0])], plot())
    assert figure.data[0].mode == "lines+markers"


def test_extremes_survive_thinning() -> None:
    values = [float(np.sin(place / 50)) for place in range(20_000)]
    values[12_345], values[777] = 50.0, -50.0
    drawn = curves.drawn(line(values), STEP)
    assert len(drawn.values) <= 1000
    assert (drawn.values.max(), drawn.values.min()) == (50.0, -50.0)


def test_of_many_curves_the_largest_are_drawn_and_the_rest_is_one() -> None:
    named = [(str(number), curve([float(number)] * 3)) for number in range(30)]
    kept, left = curves.largest(named, rest="other")
    assert (len(kept), left) == (20, 0)
    assert kept[-1][0] == "other (11)"
    assert kept[-1][1].values.tolist() == [float(sum(range(11)))] * 3
    kept, left = curves.largest(named)
    assert (len(kept), left, kept[0][0]) == (20, 10, "29")


def test_a_sum_is_of_what_is_known_at_that_time() -> None:
    total = curves.summed([curve([1.0, math.nan, 3.0]), curve([10.0, 20.0], start=STEP)])
    assert dict(zip(total.times.tolist(), total.values.tolist(), strict=True)) == {0: 1.0, STEP: 10.0, 2 * STEP: 23.0}


def test_many_curves_are_told_apart_by_colour_or_dash() -> None:
    looks = [(one.tone, one.dash) for one in curves.told_apart([(str(number), curve([1.0])) for number in range(20)])]
    assert len(set(looks)) == 20


def test_a_spread_counts_each_bucket_by_itself_and_keeps_gaps() -> None:
    found = buckets.heat(
        [curve([5.0, 5.0], le="0.1"), curve([5.0, 8.0], le="0.5"), curve([5.0, 8.0], le="1"), curve([6.0, 8.0], le="+Inf")],
        0,
        3 * STEP,
        STEP,
    )
    assert found is not None
    assert found.names == (f"0.10{SPACE}s", f"0.50{SPACE}s", f"1{SPACE}s", f"> 1{SPACE}s")
    assert found.values[:, 0].tolist() == [5.0, 0.0, 0.0, 1.0]
    assert found.values[:, 1].tolist() == [5.0, 3.0, 0.0, 0.0]
    assert np.isnan(found.values[:, 2:]).all()
    assert buckets.heat([curve([1.0])], 0, STEP, STEP) is None


def test_states_become_spans_and_silence_is_none() -> None:
    closed = curve([1.0, 1.0, 1.0], circuit="geocoder", state="closed")
    opened = curve([1.0], start=2 * STEP, circuit="geocoder", state="open")
    late = curve([1.0], start=20 * STEP, circuit="geocoder", state="closed")
    rows = spans.rows([closed, opened, late], "circuit", "state", {"closed": ("ok", "Closed"), "open": ("bad", "Open")}, STEP)
    assert [(one.word, (one.end - one.start).total_seconds()) for one in rows[0].spans] == [("Closed", 30), ("Open", 15), ("Closed", 15)]
    (row,) = spans.rows([curve([1.0, 0.0], instance="a")], "instance", None, {"1": ("ok", "Up"), "0": ("bad", "Down")}, STEP)
    assert [one.word for one in row.spans] == ["Up", "Down"]


def test_where_two_states_hold_the_graver_is_shown() -> None:
    both = [curve([1.0], circuit="a", state="closed"), curve([1.0], circuit="a", state="open")]
    for order in (both, both[::-1]):
        (row,) = spans.rows(order, "circuit", "state", {"closed": ("ok", "Closed"), "open": ("bad", "Open")}, STEP)
        assert [one.word for one in row.spans] == ["Open"]


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (41.23, "per_second", "41.2 /s"), (0.0042, "ratio", "0.42 %"), (1.84, "seconds", "1.84 s"), (7200, "seconds", "2 h"),
        (312e6, "bytes", "312 MB"), (1234.0, "count", "1,234"), (-3.0, "count", "−3"), (None, "ratio", "–"), (math.nan, "none", "–"),
        (math.inf, "none", "∞"), (0.0, "bytes", "0 B"), (0.31, "cores", "0.31 cores"),
    ],
)  # fmt: skip
def test_numbers_read_as_people_write_them(value: float | None, unit: str, words: str) -> None:
    assert units.words(value, unit).replace(SPACE, " ") == words


@pytest.mark.parametrize(
    ("now", "before", "unit", "words"),
    [
        (103.0, 100.0, "count", "▲ 3 %"), (0.3, 0.1, "ratio", "▲ 20 points"), (97.0, 100.0, "per_second", "▼ 3 %"),
        (5.0, 5.0, "count", "±0"), (5.0, 0.0, "count", "▲ from 0"), (0.0, 0.0, "count", "±0"), (None, 1.0, "count", ""),
        (1.0, None, "count", ""), (1.0, math.nan, "none", ""),
    ],
)  # fmt: skip
def test_a_change_is_told_against_before(now: float | None, before: float | None, unit: str, words: str) -> None:
    assert units.change(now, before, unit).replace(SPACE, " ") == words


def test_an_axis_ends_where_the_span_does_in_the_readers_time() -> None:
    figure = time_figures.lines([line([1.0, 2.0])], plot("Europe/Berlin"))
    assert list(figure.layout.xaxis.ticktext) == ["14:21", "14:36", "14:51", "15:06", "15:21"]
    assert figure.layout.template.layout.colorway is None


def test_a_span_in_which_the_clock_changes_is_shown_in_utc() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = Plot(
        datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 4, tzinfo=UTC), 60.0, watch("Europe/Berlin", NOW), colours.LIGHT
    )
    assert night.zone == UTC
    assert plot("Europe/Berlin").zone == zone


def test_what_is_selected_on_an_axis_is_the_instant_that_it_shows() -> None:
    berlin = plot("Europe/Berlin")
    event = {"selection": {"box": [{"x": ["2026-11-24 15:00", "2026-11-24 14:30:15.5"]}]}}
    found = time_charts.chosen(event, berlin)
    assert found is not None
    assert (found.start, found.end) == (NOW.replace(hour=13, minute=30, second=15, microsecond=500_000), NOW.replace(hour=14, minute=0))


@pytest.mark.parametrize(
    "event", [None, {}, {"selection": {"box": []}}, {"selection": {"box": [{"x": ["a", "b"]}]}}, {"selection": {"box": [{}]}}]
)
def test_no_selection_is_none(event: object) -> None:
    assert time_charts.chosen(event, plot()) is None


def test_words_of_marks_do_not_stand_on_each_other_nor_speak_html() -> None:
    marks = tuple(Mark(NOW - timedelta(minutes=20, seconds=number), f"deploy <b>{number}</b>") for number in range(4))
    figure = time_figures.lines(
        [line([1.0, 2.0])], plot(labelled=True, marks=marks, shades=(Shade(NOW - timedelta(minutes=5), NOW, "open"),))
    )
    texts = [one.text for one in figure.layout.annotations]
    assert len([text for text in texts if "deploy" in text]) == 1
    assert not any("<" in text for text in texts)
    assert len(figure.layout.shapes) == 5


def test_marks_outside_the_span_are_not_drawn() -> None:
    marks = (Mark(NOW - timedelta(hours=2), "old"), Mark(NOW + timedelta(minutes=1), "new"))
    shades = (Shade(NOW - timedelta(hours=3), NOW - timedelta(hours=2), "old"),)
    assert not plots.layout(plot(marks=marks, shades=shades), {})["shapes"]
