"""The offline index: what is found, and in which order."""

from __future__ import annotations

import sqlite3
import threading
import time
from pathlib import Path

import pytest

from backend.errors import StorageUnavailable
from backend.integrations import place_data
from backend.integrations.place import folded
from backend.integrations.places import PlaceIndex, build_index
from backend.integrations.zones import zone_at


@pytest.mark.parametrize("text", ["München", "Munchen", "munich", "MUNICH", "  münchen ", "Мюнхен", "慕尼黑"])
def test_a_place_is_found_by_any_of_its_names(place_index: PlaceIndex, text: str) -> None:
    best = place_index.search(text)[0]
    assert (best.name, best.country, best.zone) == ("Munich", "DE", "Europe/Berlin")
    assert best.latitude == pytest.approx(48.137, abs=0.01)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("London", "London, GB"),
        ("London, CA", "London, CA"),
        ("london canada", "London, CA"),
        ("Paris", "Paris, FR"),
        ("Paris, Texas", "Paris, Texas, US"),
        ("Roma", "Rome, IT"),
        ("Monaco", "Monaco, MC"),
        ("Birmingham, UK", "Birmingham, GB"),
        ("birmingham, us", "Birmingham, Alabama, US"),
        ("sao pau", "São Paulo, BR"),
        ("new york", "New York City, New York, US"),
        ("Springfield, Illinois", "Springfield, Illinois, US"),
        ("Springfield, MO, US", "Springfield, Missouri, US"),
    ],
)
def test_the_likeliest_place_comes_first(place_index: PlaceIndex, text: str, expected: str) -> None:
    assert place_index.search(text)[0].label == expected


def test_a_country_after_a_comma_narrows_the_search(place_index: PlaceIndex) -> None:
    found = place_index.search("Springfield, US", 5)
    assert len(found) == 5
    assert {(place.name, place.country) for place in found} == {("Springfield", "US")}


def test_exact_names_come_before_beginnings_and_the_larger_before_the_smaller(place_index: PlaceIndex) -> None:
    found = place_index.search("York", 20)
    exact = [place.name == "York" for place in found]
    assert exact[:2] == [True, True]
    assert found[0].country == "GB"
    names = [place.name for place in place_index.search("Berl", 3)]
    assert names[0] == "Berlin"


@pytest.mark.parametrize(
    ("text", "other"), [("Berlin", "North Canton"), ("Venice", "Dayton"), ("York", "Warner Robins"), ("Athens", "Oshkosh")]
)
def test_a_place_that_was_once_called_so_comes_after_those_that_are_called_so(place_index: PlaceIndex, text: str, other: str) -> None:
    names = [place.name for place in place_index.search(text, 20)]
    called = [number for number, name in enumerate(names) if name.startswith(text)]
    assert called[:2] == [0, 1]
    assert other not in names or names.index(other) > max(called)


@pytest.mark.parametrize(("text", "expected"), [("Mexico", "Mexico City"), ("Roma", "Rome"), ("Cologne", "Köln"), ("Bombay", "Mumbai")])
def test_another_name_counts_as_the_name_where_no_place_of_weight_is_called_so(place_index: PlaceIndex, text: str, expected: str) -> None:
    assert place_index.search(text)[0].name == expected


def test_places_of_one_name_in_three_countries_come_by_population(place_index: PlaceIndex) -> None:
    found = [(place.country, place.population) for place in place_index.search("Córdoba", 3)]
    assert [country for country, _ in found] == ["AR", "ES", "MX"]
    assert found == sorted(found, key=lambda one: -(one[1] or 0))


@pytest.mark.parametrize(
    "text", ["", "   ", ",,,", "'; DROP TABLE places; --", '"*" ORXYZ ("', "xyzzyville", "\x00", "a" * 10_000, "*", "NEAR(a b)"]
)
def test_nonsense_finds_nothing_and_breaks_nothing(place_index: PlaceIndex, text: str) -> None:
    assert place_index.search(text) == []


def test_no_more_than_asked_for(place_index: PlaceIndex) -> None:
    assert len(place_index.search("san", 3)) == 3


def test_a_lookup_takes_less_than_20_ms_at_the_95th_percentile(place_index: PlaceIndex) -> None:
    texts = ["a", "s", "san", "London", "new y", "Springfield, US", "München", "東京", "san jo", "st", "xyzzy", "de", "la paz, b"] * 8
    times = []
    for text in texts:
        began = time.perf_counter()
        place_index.search(text)
        times.append(time.perf_counter() - began)
    assert sorted(times)[int(len(times) * 0.95)] < 0.02


def test_each_thread_may_search(place_index: PlaceIndex) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(place_index.search("Oslo")[0].name)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Oslo"] * 8


def test_a_missing_index_is_a_store_that_is_away(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        PlaceIndex(tmp_path / "none.db").search("Oslo")


@pytest.fixture
def one_town(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The source reduced to one town, and how often it was read."""
    read: list[int] = []
    town = {"name": "Ølen", "alternatenames": ["Olen"], "countrycode": "NO", "admin1code": "14", "admin": None, "region": ["no"]}

    def cities():
        read.append(1)
        yield {**town, "latitude": 59.6, "longitude": 5.8, "timezone": "Europe/Oslo", "population": 20_000}

    monkeypatch.setattr(place_data, "_cities", cities)
    return read


def test_two_that_build_at_once_build_one_index(tmp_path: Path, one_town: list[int]) -> None:
    path = tmp_path / "deep" / "places.db"
    threads = [threading.Thread(target=build_index, args=(path,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one_town) == 1
    assert PlaceIndex(path).search("olen")[0].name == "Ølen"


@pytest.mark.parametrize("content", [b"", b"not a database at all", None])
def test_a_damaged_or_older_index_is_built_anew(tmp_path: Path, one_town: list[int], content: bytes | None) -> None:
    path = tmp_path / "places.db"
    if content is None:
        sqlite3.connect(path).execute("CREATE TABLE places(id)").connection.close()
    else:
        path.write_bytes(content)
    assert PlaceIndex(build_index(path)).search("Ølen")[0].zone == "Europe/Oslo"


def test_a_build_that_broke_off_leaves_the_old_index(tmp_path: Path, one_town: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    path = build_index(tmp_path / "places.db")
    monkeypatch.setattr(place_data, "VERSION", 999)
    monkeypatch.setattr(place_data, "_insert", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        build_index(path)
    assert PlaceIndex(path).search("Ølen")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Łódź", "lodz"), ("Straße", "strasse"), ("Reykjavík", "reykjavik"), ("Saint-Étienne", "saint etienne"), ("L'Aquila", "laquila")],
)
def test_names_are_compared_without_case_accents_and_punctuation(text: str, expected: str) -> None:
    assert folded(text) == expected


def test_a_point_has_a_zone() -> None:
    assert zone_at(48.14, 11.58) == "Europe/Berlin"
    assert zone_at(91, 0) is None
    assert zone_at(float("nan"), 0) is None
