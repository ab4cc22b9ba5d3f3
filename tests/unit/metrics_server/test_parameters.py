"""Times, durations and limits as Prometheus's API takes them."""

from __future__ import annotations

import pytest

from backend.errors import QueryProblem
from backend.metrics_server.parameters import EARLIEST, LATEST, Given


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("1700000000.1234", 1_700_000_000_123),
        ("-1.5", -1500),
        ("1e9", 1_000_000_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T23:13:20.250+01:00", 1_700_000_000_250),
        ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123),
        ("-292273086-05-16T16:47:06Z", EARLIEST),
        ("292277025-08-18T07:12:54.999999999Z", LATEST),
        ("1e300", LATEST),
    ],
)
def test_times_are_read(text: str, milliseconds: int) -> None:
    assert Given({"time": [text]}).time("time", 5) == milliseconds


@pytest.mark.parametrize(
    "text", ["nan", "inf", "now", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "1_000", " 1", "2023-13-14T22:13:20Z"]
)
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(QueryProblem, match='invalid parameter "time": cannot parse'):
        Given({"time": [text]}).time("time", 5)


@pytest.mark.parametrize(
    ("text", "milliseconds"), [("15", 15_000), ("0.5", 500), ("1h30m", 5_400_000), ("1y2w", 32_745_600_000), ("5ms", 5)]
)
def test_durations_are_read(text: str, milliseconds: int) -> None:
    assert Given({"step": [text]}).duration("step") == milliseconds


@pytest.mark.parametrize("text", ["", "m", "1m1h", "1.5m", "-1m", "1h 2m", "nan", "1e300", "9999999999999999y"])
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(QueryProblem, match='invalid parameter "step"'):
        Given({"step": [text]}).duration("step")


def test_what_is_not_given_has_a_default_or_is_missed() -> None:
    given = Given({"limit": ["3", "4"]})
    assert (given.time("time", 7), given.duration("timeout", 9), given.count("limit"), given.count("other")) == (7, 9, 3, 0)
    for name in ("query", "start"):
        with pytest.raises(QueryProblem, match=f'"{name}": it is missing'):
            given.needed(name)
    for wrong in ("-1", "1.5", "x", "9" * 10):
        with pytest.raises(QueryProblem, match="whole number"):
            Given({"limit": [wrong]}).count("limit")
