"""The mutator makes each kind of fault once where it can be made, and none in words."""

from __future__ import annotations

import pytest

from tests.mutation.lua import PRELUDE, mutants_of

SCRIPT = """-- A comment: 1 < 2 and a - b
local left, name = tonumber(ARGV[1]), 'a < b'
if left > 10 and name ~= 'x' then redis.call('HSET', KEYS[1], 'left', left - 1) end
local first = -1
return redis.call('GET', name)
"""


def kinds(text: str) -> list[tuple[int, str]]:
    return [(mutant.line, mutant.kind) for mutant in mutants_of(text)]


def test_comments_and_texts_are_left_alone() -> None:
    assert kinds("-- 1 < 2\nlocal a = 'b + 1 == 2'") == []


def test_every_kind_of_fault_is_made_where_it_can_be() -> None:
    assert kinds(SCRIPT) == [
        (2, "constant"),
        (3, "comparison"),
        (3, "constant"),
        (3, "comparison"),
        (3, "dropped write"),
        (3, "constant"),
        (3, "arithmetic"),
        (3, "constant"),
        (4, "constant"),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a == b", "a ~= b"),
        ("a < b", "a <= b"),
        ("a >= b", "a > b"),
        ("a + b", "a - b"),
        ("a * b", "a / b"),
        ("f(7)", "f(8)"),
        ("true", "false"),
    ],
)
def test_a_fault_changes_one_thing(before: str, after: str) -> None:
    (mutant,) = mutants_of(f"return {before}")
    assert mutant.text == f"return {after}"


def test_a_sign_is_no_operator() -> None:
    assert kinds("return -x, f(-y)") == []


def test_a_dropped_write_answers_nought_and_moves_no_line() -> None:
    (mutant,) = mutants_of("redis.call('DEL', key)")
    assert mutant.text == PRELUDE + "dropped('DEL', key)"
    assert str(mutant) == "line 1, dropped write: `redis.call('DEL', key)` becomes `dropped('DEL', key)`"


def test_what_is_only_read_is_no_write() -> None:
    assert kinds("return redis.call('HGET', key, name)") == []


def test_a_script_it_cannot_read_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot read"):
        list(mutants_of("return ~ 'open"))
