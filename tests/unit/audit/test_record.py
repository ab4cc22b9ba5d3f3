"""The rule for reasons."""

from __future__ import annotations

import pytest

from backend.audit.record import checked_reason, plain
from tests.support.refusals import refused_field


def test_a_reason_is_kept_without_white_space_around_it() -> None:
    assert checked_reason("  the provider\n asked for it  ") == "the provider asked for it"


@pytest.mark.parametrize("reason", ["", " " * 20, "too short", "x" * 501, "bell \x07 in the middle", "half \ud800 a pair of it"])
def test_a_reason_outside_ten_to_five_hundred_characters_is_refused(reason: str) -> None:
    assert refused_field(lambda: checked_reason(reason)) == "reason"


@pytest.mark.parametrize("length", [10, 500])
def test_the_bounds_are_allowed(length: int) -> None:
    assert checked_reason("x" * length) == "x" * length


def test_plain_text_keeps_what_can_be_shown() -> None:
    assert plain("Zürich, 東京 \x00\x07\ud800!") == "Zürich, 東京 !"
