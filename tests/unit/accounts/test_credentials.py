"""Passwords: what is accepted, and how hashing is bounded."""

from __future__ import annotations

import threading

import pytest

from backend.accounts.credentials import LONGEST_QUEUE, PasswordHasher, checked_password
from backend.errors import LimitExceeded
from tests.support.refusals import refused_field


@pytest.fixture(scope="module")
def hasher() -> PasswordHasher:
    return PasswordHasher(2, memory_kib=64)


@pytest.mark.parametrize("password", ["twelve bytes", "seven quiet lanterns", "ALLCAPITALLETTERS", "ÄÖÜßéè", "🜨☿♀♂", "x y" * 341 + "z"])
def test_length_is_what_counts(password: str) -> None:
    assert checked_password(password, "ada") == password


@pytest.mark.parametrize(
    "password",
    ["", "eleven char", "x y" * 342, "password1234", "PassWord1234", "qwertyuiop123", "123456789012", "aaaaaaaaaaaa", "abababababab"],
)
def test_short_endless_and_well_known_passwords_are_refused(password: str) -> None:
    assert refused_field(lambda: checked_password(password, "ada")) == "password"


@pytest.mark.parametrize("password", ["adalovelace1", "AdaLovelace2026!", "adalovelaceadalovelace", "half a pair \ud800"])
def test_a_password_made_of_the_name_and_one_that_cannot_be_typed_are_refused(password: str) -> None:
    assert refused_field(lambda: checked_password(password, "adalovelace")) == "password"


def test_a_password_fits_its_own_hash_alone(hasher: PasswordHasher) -> None:
    stored = hasher.hash("seven quiet lanterns")
    assert hasher.verify(stored, "seven quiet lanterns")
    assert not hasher.verify(stored, "seven quiet lantern")
    assert stored != hasher.hash("seven quiet lanterns")


def test_nothing_stored_fits_nothing(hasher: PasswordHasher) -> None:
    assert not hasher.verify(None, "the hash that no password fits")
    assert not hasher.verify("no hash at all", "seven quiet lanterns")


@pytest.mark.parametrize("password", ["x" * 1025, "\ud800"])
def test_an_impossible_password_is_no_match_and_never_cut(hasher: PasswordHasher, password: str) -> None:
    assert not hasher.verify(hasher.hash(""), password)


def test_the_products_parameters_are_argon2id_with_46_mebibytes() -> None:
    hasher = PasswordHasher(2)
    stored = hasher.hash("seven quiet lanterns")
    assert stored.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert not hasher.is_outdated(stored)
    assert PasswordHasher(2, memory_kib=64).is_outdated(stored)


class SlowHasher(PasswordHasher):
    """Stands still inside the hashing until it is let go."""

    def __init__(self, cores: int) -> None:
        super().__init__(cores, memory_kib=64)
        self.let_go = threading.Event()
        self.inside = threading.Semaphore(0)
        self.most_at_once = 0
        self._now_inside = 0
        self._count = threading.Lock()

    def _fits(self, stored: str, password: str) -> bool:
        with self._count:
            self._now_inside += 1
            self.most_at_once = max(self.most_at_once, self._now_inside)
        self.inside.release()
        self.let_go.wait(30)
        with self._count:
            self._now_inside -= 1
        return True


@pytest.mark.parametrize(("cores", "at_once"), [(1, 1), (2, 1), (4, 3)])
def test_hashing_is_bounded_and_beyond_the_queue_refused_before_it(cores: int, at_once: int) -> None:
    hasher, refusals = SlowHasher(cores), []

    def verify() -> None:
        try:
            hasher.verify("stored", "x")
        except LimitExceeded as refusal:
            refusals.append(refusal.retry_after_seconds)
            refused.release()

    refused = threading.Semaphore(0)
    threads = [threading.Thread(target=verify) for _ in range(at_once + LONGEST_QUEUE + 3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        assert refused.acquire(timeout=30)
    hasher.let_go.set()
    for thread in threads:
        thread.join(30)
    assert refusals == [1.0, 1.0, 1.0]
    assert hasher.most_at_once == at_once


def test_a_refused_turn_leaves_later_turns_free() -> None:
    hasher = PasswordHasher(1, memory_kib=64)
    for _ in range(LONGEST_QUEUE * 3):
        assert not hasher.verify("no hash at all", "x")
