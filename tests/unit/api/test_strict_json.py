"""The JSON door: one reading or none."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.api.body import LARGEST_BODY
from backend.api.problems import RequestRefused
from backend.api.strict_json import parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_what_a_strict_writer_wrote_is_read_the_same(value: dict[str, Any]) -> None:
    assert parse(orjson.dumps(value)) == orjson.loads(orjson.dumps(value))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"a"',
        b"1",
        b"{",
        b"{}x",
        b'{"a":1,"a":2}',
        b'{"b":{"a":1,"\\u0061":2}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e400}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":0.' + b"1" * 60 + b"}",
        b'{"a":51.}',
        b'{"a":01}',
        b"{'a':1}",
        b'{"a":1,}',
        b'/*x*/{"a":1}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        b'{"\\udc00":1}',
        b'{"a":[["\\ud800x"]]}',
        b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":' + b"[" * 16 + b"]" * 16 + b"}",
        b'{"a":"line\nbreak"}',
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_without_a_quote(data: bytes) -> None:
    with pytest.raises(RequestRefused) as refusal:
        parse(data)
    assert refusal.value.code == "malformed_json" and len(str(refusal.value)) < 100


def test_brackets_inside_texts_are_not_depth() -> None:
    assert parse(orjson.dumps({"a": "[" * 100, "b": '\\"[{' * 50}))["a"] == "[" * 100


def test_fifteen_levels_below_the_object_are_accepted() -> None:
    assert parse(b'{"a":' + b"[" * 15 + b"]" * 15 + b"}")


def test_four_times_the_odd_brackets_are_judged_in_about_four_times_the_time() -> None:
    """Up to the largest body; a judge that looks at each bracket again for each other takes sixteen times as long."""
    small, large = (min(_seconds_to_judge(size) for _ in range(3)) for size in (LARGEST_BODY // 4, LARGEST_BODY))
    assert large < 8 * small


def _seconds_to_judge(size: int) -> float:
    begun = time.process_time()
    for unit in (b'"[', b"[]", b'\\"', b"{", b'[\\"', b'{"', b'"\\"[', b"[0],", b'"",'):
        with pytest.raises(RequestRefused):
            parse((unit * size)[:size])
    return time.process_time() - begun
