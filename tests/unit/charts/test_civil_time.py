"""Civil time: no time is moved, none is picked in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.engine.civil_time import CivilTime, ZoneFolder, day_number, default_calendar, gregorian_date, offset_text, verdict
from backend.charts.engine.files import DATA
from backend.charts.engine.time_scale import julian_day
from backend.charts.vocabulary import Calendar

ZONES = ZoneFolder(DATA / "zoneinfo")
SOME_ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Antarctica/Troll",
    "Africa/Monrovia",
]


@pytest.mark.parametrize(
    "name",
    [
        "localtime",
        "right/UTC",
        "posix/UTC",
        "zone.tab",
        "tzdata.zi",
        "",
        "../x",
        "../../etc/passwd",
        "Europe/London\n",
        "UTC+25",
        "europe/london",
        "Factory",
        "/etc/localtime",
    ],
)
def test_what_is_no_zone_is_unknown(name: str) -> None:
    assert verdict(CivilTime(2000, 1, 1), name, ZONES).kind == "unknown_zone"


def test_a_gap_names_both_neighbours() -> None:
    found = verdict(CivilTime(2021, 3, 28, 2, 30), "Europe/Berlin", ZONES)
    assert (found.kind, found.gap_seconds) == ("nonexistent", 3600)
    assert [local.text for local in found.neighbours] == ["2021-03-28T01:59:59", "2021-03-28T03:00:00"]
    assert "01:59:59" in found.sentence and "03:00:00" in found.sentence


def test_a_fold_names_both_offsets() -> None:
    found = verdict(CivilTime(2021, 10, 31, 2, 30), "Europe/Berlin", ZONES)
    assert found.kind == "ambiguous"
    assert [utc.time_text for utc in found.utc] == ["00:30:00", "01:30:00"]
    assert "UTC+02:00" in found.sentence and "UTC+01:00" in found.sentence and "fold" in found.sentence


@pytest.mark.parametrize(("zone", "day"), [("Pacific/Apia", (2011, 12, 30)), ("Pacific/Kwajalein", (1993, 8, 21))])
def test_a_missing_day_never_came(zone: str, day: tuple[int, int, int]) -> None:
    found = verdict(CivilTime(*day, 12), zone, ZONES)
    assert (found.kind, found.gap_seconds) == ("nonexistent", 86400)


def test_local_mean_time_keeps_its_seconds() -> None:
    assert verdict(CivilTime(1880, 1, 1, 12), "Europe/Berlin", ZONES).offsets_seconds == (53 * 60 + 28,)
    assert verdict(CivilTime(-500, 1, 1, 12), "Europe/Rome", ZONES, Calendar.JULIAN).offsets_seconds == (49 * 60 + 56,)


def test_history_before_1970_is_the_full_one() -> None:
    assert verdict(CivilTime(1935, 6, 1, 12), "Europe/Amsterdam", ZONES).offsets_seconds == (4772,)


def test_a_julian_date_is_looked_up_by_its_day() -> None:
    julian = verdict(CivilTime(1917, 10, 25, 18), "Europe/Moscow", ZONES, Calendar.JULIAN)
    assert julian.utc == verdict(CivilTime(1917, 11, 7, 18), "Europe/Moscow", ZONES).utc


def test_the_database_says_what_it_is() -> None:
    assert ZONES.version == "2026f"
    assert "before 1970" in ZONES.database


def test_the_day_after_4_october_1582_is_15_october() -> None:
    assert day_number(1582, 10, 4, Calendar.JULIAN) + 1 == day_number(1582, 10, 15, Calendar.GREGORIAN)
    assert default_calendar(1582, 10, 4) is Calendar.JULIAN
    assert default_calendar(1582, 10, 10) is None
    assert default_calendar(1582, 10, 15) is Calendar.GREGORIAN


def test_the_julian_day_of_the_first_instant_is_zero() -> None:
    assert julian_day(-4712, 1, 1, 12, Calendar.JULIAN) == 0


@pytest.mark.parametrize(("seconds", "text"), [(19800, "+05:30"), (-17762, "−04:56:02"), (0, "+00:00")])
def test_offsets_are_written_with_a_true_minus(seconds: int, text: str) -> None:
    assert offset_text(seconds) == text


@given(st.integers(-1_000_000, 4_000_000))
def test_a_day_number_and_its_date_are_each_others_inverse(number: int) -> None:
    assert day_number(*gregorian_date(number), Calendar.GREGORIAN) == number


@given(st.dates(), st.integers(0, 86399), st.sampled_from(SOME_ZONES))
def test_a_verdict_agrees_with_the_round_trip(day: date, seconds: int, zone: str) -> None:
    """ok: local to UTC and back gives the same; ambiguous: both ways do; nonexistent: neither does."""
    local = datetime.combine(day, time()) + timedelta(seconds=seconds)
    if not 2 <= day.year <= 9998:
        return
    rules = ZONES.zone(zone)
    back = [local.replace(tzinfo=rules, fold=fold).astimezone(UTC).astimezone(rules).replace(tzinfo=None) == local for fold in (0, 1)]
    same = local.replace(tzinfo=rules, fold=0).utcoffset() == local.replace(tzinfo=rules, fold=1).utcoffset()
    found = verdict(CivilTime(day.year, day.month, day.day, local.hour, local.minute, local.second), zone, ZONES)
    assert found.kind == ("nonexistent" if back == [False, False] else "ok" if same else "ambiguous")


@given(st.integers(0, 365 * 24 * 60 - 1), st.sampled_from(SOME_ZONES), st.integers(1900, 2060))
def test_every_instant_is_among_what_its_local_time_means(minute: int, zone: str, year: int) -> None:
    instant = datetime(year, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    local = instant.astimezone(ZONES.zone(zone))
    found = verdict(CivilTime(local.year, local.month, local.day, local.hour, local.minute, local.second), zone, ZONES)
    assert instant.strftime("%Y-%m-%dT%H:%M:%S") in [utc.text for utc in found.utc]
