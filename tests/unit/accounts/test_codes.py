"""Secrets that we hand out."""

from __future__ import annotations

import re
import secrets

import pytest

from backend.accounts.codes import code_fingerprint, fingerprint, key_prefix, token, typed_code


def test_a_token_is_43_characters_that_are_safe_in_a_cookie() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token(secrets.token_bytes))


def test_a_typed_code_has_no_letters_that_look_alike() -> None:
    for _ in range(50):
        assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{5}", typed_code(secrets.token_bytes))


def test_every_letter_of_a_code_comes_from_five_bits_of_its_own() -> None:
    assert typed_code(lambda count: bytes(range(count))) == "01234-56789-ABCDE-FGHJK-MNPQR"


def test_a_prefix_is_eight_small_letters() -> None:
    assert key_prefix(lambda count: bytes(range(count))) == "01234567"


@pytest.mark.parametrize("typed", ["0O1IL-A", "00111-A", "oo1il a", " 0 0 1 1 1 A\n"])
def test_a_code_is_the_same_however_it_was_typed(typed: str) -> None:
    assert code_fingerprint(typed) == fingerprint("00111A")


def test_other_codes_are_other_codes() -> None:
    assert code_fingerprint("00111-A") != code_fingerprint("00111-B")
