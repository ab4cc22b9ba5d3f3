"""Passwords: what is accepted, and hashing them with argon2id without letting it eat the machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import argon2
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from backend.errors import InvalidRequest, LimitExceeded

SHORTEST_BYTES, LONGEST_BYTES = 12, 1024
LONGEST_QUEUE = 16
# of twelve bytes and more; shorter ones are refused anyway
COMMON_PASSWORDS = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="ascii").split())


def checked_password(password: str, name: str, field: str = "password") -> str:
    """The password unchanged, or InvalidRequest. Length counts; there are no rules about kinds of characters."""
    size = len(password.encode(errors="replace"))
    if size < SHORTEST_BYTES:
        raise InvalidRequest.of(field, "too_short", f"Use at least {SHORTEST_BYTES} characters; a few words are good.")
    if size > LONGEST_BYTES:
        raise InvalidRequest.of(field, "too_long", f"Use at most {LONGEST_BYTES} bytes.")
    if not is_text(password):
        raise InvalidRequest.of(field, "unprintable", "Use characters that can be typed.")
    if is_easily_guessed(password, name):
        raise InvalidRequest.of(field, "too_common", "This password is among the first that anybody would try.")
    return password


def is_text(password: str) -> bool:
    """Whether it can be written down as UTF-8; half a surrogate pair cannot."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_easily_guessed(password: str, name: str) -> bool:
    """Whether it is a well-known one, one short piece repeated, or made of the name and digits."""
    plain = password.casefold()
    without_digits = plain.strip("0123456789!.-_ ")
    return plain in COMMON_PASSWORDS or without_digits in {"", name.casefold(), name.casefold() * 2} or len(set(plain)) < 4


class PasswordHasher:
    """argon2id with at most ``cores - 1`` at once and a short queue; beyond it, LimitExceeded before any hashing."""

    def __init__(self, cores: int, *, memory_kib: int = 47104, passes: int = 1) -> None:
        self._argon = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1, type=argon2.Type.ID)
        self._slots = threading.Semaphore(max(1, cores - 1))
        self._places = threading.Semaphore(max(1, cores - 1) + LONGEST_QUEUE)
        self._nobody = self._argon.hash("the hash that no password fits")

    def hash(self, password: str) -> str:
        with self._turn():
            return self._argon.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether it fits; with nothing stored it takes as long and says no."""
        usable = is_text(password) and len(password.encode()) <= LONGEST_BYTES
        with self._turn():
            fits = self._fits(stored or self._nobody, password if usable else "")
        return fits and usable and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._argon.check_needs_rehash(stored)

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._argon.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise LimitExceeded("Too many people are signing in at this moment.", retry_after_seconds=1.0)
        try:
            with self._slots:
                yield
        finally:
            self._places.release()
