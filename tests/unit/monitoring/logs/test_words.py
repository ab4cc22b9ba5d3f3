"""Words by which lines are found: what parts them, what a question may say, and what both databases are asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.monitoring.logs.logql import pipeline
from backend.monitoring.logs.matching import for_postgresql, for_sqlite
from backend.monitoring.logs.record import checked
from backend.monitoring.logs.words import Wanted, meets, wanted, words_in, words_of
from tests.support.log_lines import criteria, line

TEXTS = st.text(max_size=80) | st.text("\"'*-()|&!:<>\\\0 aB1é_", max_size=80)


def test_letters_and_digits_make_words_and_all_else_parts_them() -> None:
    assert words_of("Store_away: circuit-open, 3.5 s") == ("store", "away", "circuit", "open", "3", "5", "s")
    assert words_of("ÜBER") == words_of("über") and words_of("über")[0].isascii()


def test_ids_and_fractions_are_no_words_but_their_fields_names_are() -> None:
    words = words_in(line(0, request_id="0190-aaaa", trace_id="f" * 32, took=0.25, status=404, deep={"why": ["one"]}))
    assert {"took", "404", "why", "one", "request", "info"} <= set(words)
    assert not {"aaaa", "f" * 32, "25"} & set(words)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("store away", Wanted(("store", "away"))),
        ("sto* -away", Wanted((), (), ("sto",), ("away",))),
        ("circuit-open", Wanted(("circuit", "open"))),
        ('"store" OR (away)', Wanted(("store", "or", "away"))),
        ("", Wanted()),
        ("** -- *", Wanted()),
    ],
)
def test_a_text_asks_for_words(text: str, asked: Wanted) -> None:
    assert wanted(criteria(text=text)) == asked


def test_a_question_of_refusals_alone_begins_with_every_level() -> None:
    asked = wanted(criteria(text="-away"))
    assert len(asked.any) == 5 and asked.none == ("away",)


def test_a_whole_id_is_looked_for_by_itself() -> None:
    told = line(0, request_id="01a212fb-ba3f-7e4c-8690-6beba698df08", trace_id="0" * 31 + "a")
    assert not wanted(criteria(text=told.request_id or ""))
    assert meets(told, criteria(text=(told.request_id or "").upper())) and meets(told, criteria(text=told.trace_id or ""))
    assert not meets(told, criteria(text="0" * 32))


@given(TEXTS, TEXTS)
def test_what_databases_are_asked_is_made_of_plain_words_alone(text: str, route: str) -> None:
    asked = wanted(checked(criteria(text=text, route=route[:100])))
    assert re.fullmatch(r'[a-z0-9"* ()ANDORT]*', for_sqlite(asked)), for_sqlite(asked)
    assert re.fullmatch(r"[a-z0-9':*&|!() ]*", for_postgresql(asked)), for_postgresql(asked)


@given(TEXTS)
def test_a_query_for_loki_keeps_every_string_closed(text: str) -> None:
    query = pipeline('{app="astrolabe"}', checked(criteria(text=text, route=text, request_id=text)))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "S", query)
    assert re.fullmatch(r"\{app=S\}(?: (?:\|~|!~|\|=) S)* \| json \| event!=S(?: \| [a-z_]+=~?S)*", bare), query
