"""Two requests share an answer when they mean the same, and never otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.charts.caching.canonical import canonical, names_a_place
from backend.charts.caching.keys import Keys, code_digest
from backend.charts.engine.request import parse_request
from backend.charts.techniques import RESOURCES
from backend.charts.vocabulary import DEFAULT_BODIES, Ayanamsa, Body, HouseSystem
from backend.errors import InvalidRequest

NATAL: dict[str, Any] = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
REQUESTS = st.fixed_dictionaries(
    {
        "date": st.sampled_from(["1990-06-15", "1990-06-16", "0990-06-15", "-0043-03-15", "1582-10-04"]),
        "time": st.sampled_from(["14:30", "14:30:00", "14:30:01", "00:00"]),
        "time_zone": st.sampled_from(["Europe/London", "UTC", "local_mean_time"]),
        "latitude": st.sampled_from([51, 51.0, 51.5, 0, -0.0, 0.0]),
        "longitude": st.sampled_from([0, -0.1, 10, 10.0]),
    },
    optional={
        "name": st.sampled_from(["A", "B", "Zoe\u0308", "Zoë"]),
        "fold": st.sampled_from([0, 1]),
        "calendar": st.sampled_from(["gregorian", "julian"]),
        "house_system": st.sampled_from([HouseSystem.PLACIDUS.value, "koch"]),
        "zodiac": st.sampled_from(["tropical", "sidereal"]),
        "bodies": st.lists(st.sampled_from([body.value for body in DEFAULT_BODIES]), min_size=1, max_size=4, unique=True),
    },
)


def key(body: Mapping[str, Any], resource: str = "charts") -> bytes:
    return Keys("s" * 32, ["1"]).of_answer(resource, canonical(RESOURCES[resource].parse(body)))


@given(REQUESTS, REQUESTS)
def test_keys_are_equal_exactly_when_requests_are(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = parse_request(one), parse_request(other)
    assert (canonical(first) == canonical(second)) == (first == second)


@given(REQUESTS, st.randoms())
def test_the_order_of_keys_and_the_writing_of_numbers_mean_nothing(body: dict[str, Any], chance: Any) -> None:
    names = list(body)
    chance.shuffle(names)
    written = json.loads(json.dumps({name: body[name] for name in names}, indent=chance.randint(0, 4)))
    whole = {name: float(value) if name in ("latitude", "longitude") else value for name, value in written.items()}
    assert key(body) == key(whole)


@pytest.mark.parametrize(
    "said",
    [{"house_system": "placidus"}, {"zodiac": "tropical"}, {"calendar": "gregorian"}, {"bodies": [body.value for body in DEFAULT_BODIES]}],
)
def test_a_default_that_is_said_means_what_one_that_is_left_out_does(said: dict[str, Any]) -> None:
    assert key(NATAL | said) == key(NATAL)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "A"},
        {"time": "14:30:01"},
        {"latitude": 51.5000001},
        {"longitude": 0.1},
        {"time_zone": "UTC"},
        {"calendar": "julian"},
        {"house_system": "koch"},
        {"zodiac": "sidereal"},
        {"bodies": ["sun"]},
        {"fold": 0},
    ],
)
def test_whatever_changes_the_answer_changes_the_key(change: dict[str, Any]) -> None:
    assert key(NATAL | change) != key(NATAL)


def test_the_same_request_of_two_techniques_has_two_keys() -> None:
    names = ("stations", "ingresses")
    body = {"start": "2026-01-01", "end": "2027-01-01"}
    assert len({key(body, name) for name in names}) == len(names)


def test_every_version_counts() -> None:
    meaning = canonical(parse_request(NATAL))
    versions = [["1"], ["2"], ["1", ""], ["", "1"], ["1", "2"], ["12"]]
    assert len({Keys("s" * 32, each).of_answer("charts", meaning) for each in versions}) == len(versions)
    assert Keys("s" * 32, ["1"]).of_answer("charts", meaning) != Keys("t" * 32, ["1"]).of_answer("charts", meaning)


def test_the_code_that_makes_the_answers_is_a_version(tmp_path: Any) -> None:
    (tmp_path / "a.py").write_text("1")
    before = code_digest(tmp_path)
    assert code_digest(tmp_path) == before
    (tmp_path / "a.py").write_text("2")
    assert code_digest(tmp_path) != before


@pytest.mark.parametrize("name", [name for name, technique in RESOURCES.items() if technique.examples])
def test_each_technique_has_requests_that_can_be_named(name: str) -> None:
    technique = RESOURCES[name]
    meanings = {canonical(technique.parse(example)) for example in technique.examples.values()}
    assert len(meanings) == len(technique.examples)
    assert all(canonical(technique.parse(example)) in meanings for example in technique.examples.values())


def test_a_place_is_found_wherever_it_is_named() -> None:
    place = {"date": "1990-06-15", "time": "14:30", "place": "London"}
    assert names_a_place(parse_request(place)) and not names_a_place(parse_request(NATAL))
    assert names_a_place(RESOURCES["synastry"].parse({"first": NATAL, "second": place}))
    assert names_a_place(RESOURCES["wheel"].parse({"charts": [NATAL, place]}))
    assert not names_a_place(RESOURCES["synastry"].parse({"first": NATAL, "second": NATAL}))


@dataclass(frozen=True)
class One:
    value: Any


@dataclass(frozen=True)
class Other:
    value: Any


VALUES: list[Any] = [
    None,
    True,
    1,
    1.5,
    "1",
    "sun",
    Body.SUN,
    Ayanamsa.LAHIRI,
    (),
    ("sun",),
    (Body.SUN,),
    (("sun",),),
    ("Body", "sun"),
    frozenset({"sun"}),
    {"sun": 1},
    {1: "sun"},
    One("sun"),
    Other("sun"),
    One(None),
    ["sun"],
]


def test_values_of_different_kinds_never_read_alike() -> None:
    assert len({canonical(value) for value in VALUES}) == len(VALUES)
    assert canonical(-0.0) == canonical(0.0)
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
    assert canonical(frozenset({"a", "b"})) == canonical(frozenset({"b", "a"}))


def test_what_a_request_may_not_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="may not hold a bytes"):
        canonical(One(b"x"))


def test_a_wrong_request_has_no_key() -> None:
    with pytest.raises(InvalidRequest):
        key({"date": "1990-06-15"})
