"""Differences in words: what a value is called, how it reads, and what a comparison comes to."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from backend.regression.differences import compare
from backend.regression.record import Entry, Result, Run, RunState, Verdict, Versions
from backend.regression.values import Difference, Tolerance, Unit
from components.times import watch
from components.views import compare as view
from components.views import differences as words
from components.views import regressions as sets
from tests.console.fakes.sources import HOSTILE, START
from tests.support.answers import LESSER, chart, moved

WATCH = watch("UTC", START)
LONGITUDE = "bodies[mars].longitude_degrees"


@pytest.mark.parametrize(
    ("path", "label"),
    [
        (LONGITUDE, "Mars"),
        ("bodies[mean lilith].longitude_degrees", "Lilith (mean apogee)"),
        ("bodies[moon].speed_degrees_per_day", "Moon speed"),
        ("houses.cusps[2].longitude_degrees", "House 2"),
        ("houses.used", "Houses used"),
        ("angles.ascendant.longitude_degrees", "Ascendant"),
        ("aspects[sun square moon].orb_degrees", "Sun square moon orb"),
        ("settings.house_system", "House system"),
        ("moment.utc", "UTC"),
        ("events[mars square sun 2].utc", "Mars square sun 2"),
        ("provenance.time_zone_version", "Time zone version"),
        ("kind", "Kind"),
    ],
)
def test_a_path_reads_as_what_it_is_about(path: str, label: str) -> None:
    assert words.label(path) == label


@pytest.mark.parametrize(
    ("difference", "side", "text"),
    [
        (Difference(LONGITUDE, Unit.ARCSECONDS, 0, 0, 1), 359.99999999, "00° 00′ 00.00″ Ari"),
        (Difference(LONGITUDE, Unit.ARCSECONDS, 0, 0, 1), 29.99999, "29° 59′ 59.96″ Ari"),
        (Difference("bodies[sun].declination_degrees", Unit.ARCSECONDS, 0, 0, 1), -23.5, "−23° 30′ 00.00″"),
        (Difference("place.longitude_degrees", Unit.ARCSECONDS, 0, 0, 1), -9.1333, "−09° 07′ 59.88″"),
        (Difference("x.speed_degrees_per_year", Unit.SPEED, 0, 0, 1), 0.5, "+0.5000000° a year"),
        (Difference("moment.utc", Unit.SECONDS, 0, 0, 1), "1990-06-15T13:30:00Z", "1990-06-15 13:30:00"),
        (Difference("bodies[sun].retrograde", Unit.WORDS, 0, 0), True, "yes"),
        (Difference("settings.house_system", Unit.WORDS, 0, 0), "whole_sign", "whole sign"),
        (Difference("bodies[venus]", Unit.PRESENCE, None, 1), None, "–"),
    ],
)
def test_a_value_reads_as_an_astrologer_writes_it(difference: Difference, side: Any, text: str) -> None:
    assert words.value(difference, side).replace("\u00a0", " ") == text


@pytest.mark.parametrize(
    ("unit", "amount", "text"),
    [
        (Unit.ARCSECONDS, -53613.6, "−53,613.60″"),
        (Unit.ARCSECONDS, 0.0004, "+0.0004″"),
        (Unit.SPEED, 1.5, "+1.500″ a day"),
        (Unit.SECONDS, 3600.0, "+3,600 s"),
        (Unit.SHARE, 1e-6, "+1.000 ppm"),
        (Unit.WORDS, None, "differs"),
    ],
)
def test_an_amount_is_signed_and_has_its_unit(unit: Unit, amount: float | None, text: str) -> None:
    assert words.amount(Difference("bodies[sun].speed_degrees_per_day", unit, 1, 2, amount)).replace("\u00a0", " ") == text


def test_what_only_one_side_has_is_told_by_side() -> None:
    assert words.amount(Difference("bodies[eris]", Unit.PRESENCE, None, "x")) == "only in B"
    assert words.amount(Difference("bodies[eris]", Unit.PRESENCE, "x", None)) == "only in A"


def test_the_file_has_exact_figures_and_nothing_that_a_spreadsheet_would_run() -> None:
    found = [Difference(LONGITUDE, Unit.ARCSECONDS, 11.0862418, 11.0867974, 2.00016), Difference("x", Unit.WORDS, "=cmd()", HOSTILE)]
    header, first, second = csv.reader(io.StringIO(words.table(found, Tolerance(1.0))))
    assert header[0] == "path"
    assert first == [LONGITUDE, "Mars", "11.0862418", "11.0867974", "2.00016", "arcseconds", "yes"]
    assert second[2] == "'=cmd()"


def shifted(hours: float) -> dict[str, Any]:
    """The chart as of another clock: everything that moves in an hour has moved."""
    document = chart()
    for place in document["bodies"]:
        moved(place, place["speed_degrees_per_day"] * hours / 24)
    document["moment"]["julian_day_ut1"] += hours / 24
    document["moment"]["utc"] = "1990-06-15T14:30:00Z"
    return document


def test_the_same_answers_are_nothing_to_see() -> None:
    kind, headline, detail = view.verdict(view.sight(chart(), chart(), Tolerance()))
    assert (kind, headline) == ("ok", "Nothing differs.")
    assert "values compared" in detail


def test_a_clock_that_explains_everything_is_named_before_the_engine_is_blamed() -> None:
    seen = view.sight(chart(), shifted(1.0), Tolerance(1.0), chart())
    kind, headline, detail = view.verdict(seen)
    assert (kind, seen.explained) == ("watch", True)
    assert "1\u00a0h of clock time explains all of them" in headline
    assert "at most 0.00″" in detail
    assert {row["Verdict"][1] for row in view.rows(seen)} == {"Explained"}
    assert all("Left over" in row for row in view.rows(seen))


def test_a_clock_that_does_not_explain_all_explains_nothing_away() -> None:
    rest = chart()
    moved(rest["bodies"][4], 0.01)
    seen = view.sight(chart(), shifted(1.0), Tolerance(1.0), rest)
    assert not seen.explained
    verdicts = {row["Value"][1]: row["Verdict"][1] for row in view.rows(seen)}
    assert verdicts["Mars"] == "Beyond"
    assert verdicts["Sun"] == "Explained"


def test_small_differences_are_within_and_the_rest_is_counted() -> None:
    other = chart()
    moved(other["bodies"][0], 0.5 / 3600)
    assert view.verdict(view.sight(chart(), other, Tolerance(1.0)))[0] == "ok"
    kind, headline, detail = view.verdict(view.sight(chart(), other, Tolerance(0.01)))
    assert kind == "watch" and headline.startswith("1 of ")
    assert "Sun" in detail and "+0.50″" in detail


def test_the_same_instant_is_asked_in_utc_without_place_and_name_of_the_zone() -> None:
    body = {"date": "1990-06-15", "time": "15:30", "place": "Lisbon", "fold": 1, "house_system": "koch"}
    asked = view.at_the_same_instant(body, chart(), shifted(1.0))
    assert asked == {
        "house_system": "koch", "date": "1990-06-15", "time": "13:30:00", "time_zone": "UTC", "calendar": "gregorian",
        "latitude": 38.7167, "longitude": -9.1333,
    }  # fmt: skip
    of_old = shifted(0.0) | {"moment": {**chart()["moment"], "calendar": "julian"}}
    assert (view.at_the_same_instant(body, of_old, shifted(1.0)) or {})["calendar"] == "gregorian"  # as UTC is
    assert view.at_the_same_instant(body, chart(), chart()) is None
    assert view.at_the_same_instant(body, {}, {}) is None


def test_settings_are_changed_and_an_ayanamsa_goes_with_its_zodiac() -> None:
    body = {"zodiac": "sidereal", "ayanamsa": "lahiri", "house_system": "koch"}
    assert view.changed(body, {"zodiac": "tropical", "house_system": "", "ephemeris": "moshier"}) == {
        "zodiac": "tropical", "house_system": "koch", "ephemeris": "moshier",
    }  # fmt: skip
    assert view.changed(body, {"zodiac": ""})["ayanamsa"] == "lahiri"


def test_what_was_asked_otherwise_is_told_apart_with_the_versions() -> None:
    other = chart()
    other["settings"]["house_system"], other["provenance"]["time_zone_version"] = HOSTILE, "2099z"
    other["provenance"]["settings_sha256"] = "other"
    rows = view.asked_rows(view.sight(chart(), other, Tolerance()))
    assert [row["Setting"] for row in rows] == ["House system", "Time zone version"]
    assert "](" not in rows[0]["Run B"]


def test_what_is_lesser_is_told_and_a_document_without_a_moment_by_its_kind() -> None:
    assert view.lesser({"degraded": [LESSER]}) == ["The place comes from the offline index."]
    assert "Europe/Lisbon" in view.about(chart()).replace("\\", "")
    assert view.about({"kind": "solar-arc"}) == "solar arc"


def run_with(state: RunState = RunState.DONE, total: int = 3, **verdicts: int) -> Run:
    counted = {Verdict(name): count for name, count in verdicts.items()}
    return Run("run", "set", "asked", "dana", START, state, total, START, Tolerance(), Versions(), counted)


@pytest.mark.parametrize(
    ("run", "kind", "word"),
    [
        (None, "neutral", "Never run"),
        (run_with(RunState.RUNNING, same=1), "pending", "1 of 3 asked"),
        (run_with(RunState.CANCELLED, same=1), "neutral", "Cancelled"),
        (run_with(same=2, within=1), "ok", "Holds"),
        (run_with(same=1, drifted=2), "bad", "2 drifted"),
        (run_with(same=2, degraded=1), "watch", "1 degraded"),
        (run_with(drifted=2, failed=1), "bad", "1 failed"),
        (run_with(same=2), "ok", "Holds"),  # an entry was removed since
        (run_with(), "neutral", "No entry yet"),
    ],
)
def test_a_run_has_a_shape_and_a_word(run: Run | None, kind: str, word: str) -> None:
    assert sets.state_of(run) == (kind, word)


@pytest.mark.parametrize(
    ("run", "kind", "said"),
    [
        (None, "neutral", "never run"),
        (run_with(RunState.CANCELLED, same=1), "neutral", "cancelled"),
        (run_with(same=3), "ok", "as expected"),
        (run_with(same=2, drifted=1), "bad", "Drifted: 1 of 3"),
        (run_with(same=2, degraded=1), "watch", "Degraded: 1 of 3"),
        (run_with(same=2, failed=1), "bad", "No answer: 1 of 3"),
        (run_with(), "neutral", "No entry yet"),
    ],
)
def test_a_run_that_is_over_has_its_sentence(run: Run | None, kind: str, said: str) -> None:
    found = sets.verdict(run, [], WATCH)
    assert found[0] == kind and said in found[1]


def test_versions_that_are_not_known_say_so_and_changed_ones_stand_out() -> None:
    rows = sets.version_rows(Versions("1.0", "lib", "files", "f" * 64, "2026a"), Versions("1.1", "lib"))
    assert [row["Changed"] for row in rows][:2] == ["**changed**", ":gray[same]"]
    assert rows[3]["Expected with"].startswith("f" * 12) and rows[3]["Run with"] == "unknown"


def test_only_an_answer_that_differs_from_what_is_expected_now_can_be_accepted() -> None:
    entries = [Entry(name, "set", "t", "natal", "d", START, number) for name, number in (("a", 1), ("b", 2), ("c", 1))]
    kept = {"a": True, "b": True, "c": False}
    results = [Result("r", name, "t", START, Verdict.DRIFTED, 1, Versions(), 1.0, 1, (), answer_kept=kept[name]) for name in "abc"]
    assert [one.entry_id for one in sets.acceptable(results, entries)] == ["a"]


def test_the_whole_comparison_of_a_real_document_can_be_written() -> None:
    comparison = compare(chart(), shifted(6.0))
    for one in comparison.all:
        assert words.label(one.path) and words.amount(one) and words.value(one, one.left)
