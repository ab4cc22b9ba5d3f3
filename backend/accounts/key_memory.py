"""What this process knows of keys, and how it asks for more: nobody who sends a known key waits for the store.

A key that is in use is confirmed in the background before its confirmation grows old. While the store is away the last one stands for
five minutes; while it answers, for five seconds, so that a revoked key dies within them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from dataclasses import dataclass

from backend.accounts.operator import ApiKey
from backend.clock import Clock
from backend.errors import StorageUnavailable

CONFIRMED_SECONDS = 5.0
RENEWED_SECONDS = 3.0
KEPT_SECONDS = 300.0
PATIENCE_SECONDS = 0.25
NEWS_SECONDS = 1.0
RETRY_SECONDS = 0.2
MOST_KEYS = 4096
MOST_ASKED = 256

Ask = Callable[[str], ApiKey | None]
"""The store's answer for a fingerprint; StorageUnavailable when there is none."""


@dataclass(frozen=True)
class _Known:
    key: ApiKey
    at: float


class Asker:
    """Asks in one thread of its own, once for all who want to know the same."""

    def __init__(self, name: str, ask: Ask, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, name)
        self._lock = threading.Lock()
        self._asked: dict[str, Future[ApiKey | None]] = {}
        self._silent = False  # somebody waited in vain, and the question is still open
        self._refused_at: float | None = None

    @property
    def away(self) -> bool:
        """Whether the store was found away just now; who asks nobody for a second does not know it any more."""
        return self._silent or (self._refused_at is not None and self._clock.monotonic() - self._refused_at < NEWS_SECONDS)

    def nudge(self, key_hash: str) -> None:
        """Have it asked, and do not wait; while the store is away some five times a second are enough."""
        refused = self._refused_at
        if self._silent or (refused is not None and self._clock.monotonic() - refused < RETRY_SECONDS):
            return
        with suppress(StorageUnavailable):  # too many at once: the next request nudges again
            self._question(key_hash)

    def answer(self, key_hash: str) -> ApiKey | None:
        """Waited for, but not for long, and not at all while somebody before waited in vain."""
        question = self._question(key_hash)
        if self._silent and not question.done():
            raise StorageUnavailable("sql", late=True)
        try:
            return question.result(PATIENCE_SECONDS)
        except Late:
            self._silent = True
            raise StorageUnavailable("sql", late=True) from None

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _question(self, key_hash: str) -> Future[ApiKey | None]:
        with self._lock:
            question = self._asked.get(key_hash)
            if question is None:
                if len(self._asked) >= MOST_ASKED:
                    raise StorageUnavailable("sql", "more keys are being looked up than this process can do at once")
                question = self._asked[key_hash] = self._thread.submit(self._answered, key_hash)
            return question

    def _answered(self, key_hash: str) -> ApiKey | None:
        try:
            key = self._ask(key_hash)
            self._refused_at = None
            return key
        except StorageUnavailable:
            self._refused_at = self._clock.monotonic()
            raise
        finally:
            self._silent = False
            with self._lock:
                self._asked.pop(key_hash, None)


class KeyMemory:
    """At most 4096 keys by fingerprint. ``ask`` and ``told`` (of each key that the store confirmed) are called in threads of ours."""

    def __init__(self, ask: Ask, clock: Clock, told: Callable[[str, ApiKey], None] = lambda _hash, _key: None) -> None:
        self._ask = ask
        self._told = told
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._era = 0
        self._lock = threading.Lock()
        self._first = Asker("keys-new", self._remembered, clock)
        self._again = Asker("keys-known", self._remembered, clock)  # of its own: a flood of unknown keys must not keep a revoked one alive

    def recall(self, key_hash: str) -> ApiKey | None:
        """What may be acted on without a wait; None: ``learn`` it."""
        known = self._known.get(key_hash)
        if known is None:
            return None
        age = self._clock.monotonic() - known.at
        if age >= RENEWED_SECONDS:
            self._again.nudge(key_hash)
        stands = age < (KEPT_SECONDS if self._again.away else CONFIRMED_SECONDS)
        return known.key if stands else None

    def learn(self, key_hash: str) -> ApiKey | None:
        """As the store has it now, or as it was known while the store is away; StorageUnavailable when neither is to be had."""
        known = self._known.get(key_hash)
        if known is None:
            return self._first.answer(key_hash)
        try:
            return self._again.answer(key_hash)
        except StorageUnavailable:
            if self._clock.monotonic() - known.at < KEPT_SECONDS:
                return known.key
            raise

    def hear(self, key_hash: str, key: ApiKey, age_seconds: float) -> None:
        """Another process confirmed it that long ago."""
        with self._lock:
            self._make_room(key_hash)
            self._known[key_hash] = _Known(key, self._clock.monotonic() - age_seconds)

    def forget(self) -> None:
        """A key was changed here: ask for all again, and believe no answer that is on its way."""
        with self._lock:
            self._era += 1
            self._known.clear()

    def close(self) -> None:
        self._first.close()
        self._again.close()

    def _remembered(self, key_hash: str) -> ApiKey | None:
        era, at = self._era, self._clock.monotonic()
        key = self._ask(key_hash)
        with self._lock:
            if era != self._era:
                return key
            if key is None:
                self._known.pop(key_hash, None)
            else:
                self._make_room(key_hash)
                self._known[key_hash] = _Known(key, at)
        if key is not None:
            self._told(key_hash, key)
        return key

    def _make_room(self, key_hash: str) -> None:
        """The one that was confirmed first goes."""
        self._known.pop(key_hash, None)
        if len(self._known) >= MOST_KEYS:
            del self._known[next(iter(self._known))]
