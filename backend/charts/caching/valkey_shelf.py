"""Where kept answers and the most asked requests lie in Valkey: bounded, each with an end, all of it sealed by whoever puts it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backend.storage.shared import SharedState

MOST_BYTES = 64 * 1024 * 1024
MOST_REQUESTS = 1000
REQUESTS_SECONDS = 2 * 86_400.0
_AT_ONCE = 32
_ANSWER, _ORDER, _SIZES, _TOTAL = "chart:answer:", "chart:answers:order", "chart:answers:sizes", "chart:answers:bytes"
_ASKED, _REQUESTS = "chart:asked:", "chart:requests:"


class ValkeyShelf:
    """Answers by name, and requests by how often they were asked on a day. Everything raises StorageUnavailable.

    ``quick`` is for the one question that somebody waits for; ``store`` for all else, and may take its time.
    """

    def __init__(
        self, store: SharedState, quick: SharedState | None = None, most_bytes: int = MOST_BYTES, most_requests: int = MOST_REQUESTS
    ) -> None:
        self._store = store
        self._quick = quick or store
        self._most_bytes = most_bytes
        self._most_requests = most_requests
        self._keep = store.script("keep_answers", Path(__file__).with_name("keep.lua").read_text("utf-8"))

    def get(self, name: str) -> bytes | None:
        """The answer of that name, sealed."""
        return self._quick.get_bytes(_ANSWER + name)

    def put(self, parcels: Mapping[str, bytes], seconds: float) -> None:
        """Keep sealed answers for so long; all that are kept never take more than ``most_bytes``."""
        names = list(parcels)
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            words: list[Any] = [round(seconds * 1000), self._most_bytes, _ANSWER]
            for name in some:
                words += [name, parcels[name]]
            self._keep([_ORDER, _SIZES, _TOTAL, *[_ANSWER + name for name in some]], words)

    def count(self, day: str, asked: Mapping[str, tuple[int, bytes]]) -> None:
        """Add what was asked so often on a day, each request sealed; of all, the most asked ones stay."""
        asked_key, requests_key, milliseconds = _ASKED + day, _REQUESTS + day, round(REQUESTS_SECONDS * 1000)
        with self._store.translated():
            client: Any = self._store.client
            pipe = client.pipeline(transaction=False)
            for name, (times, request) in asked.items():
                pipe.zincrby(asked_key, times, name)
                pipe.hset(requests_key, name, request)
            pipe.zcard(asked_key)
            for key in (asked_key, requests_key):
                pipe.pexpire(key, milliseconds)
            too_many = pipe.execute()[-3] - self._most_requests
            if too_many > 0:
                gone = client.zpopmin(asked_key, too_many)
                client.hdel(requests_key, *[name for name, _ in gone])

    def most_asked(self, days: Sequence[str], most: int) -> dict[str, bytes]:
        """The requests most asked on these days together, the most asked first, sealed, by name."""
        times: Counter[str] = Counter()
        found: dict[str, bytes] = {}
        client: Any = self._store.client
        with self._store.translated():
            for day in days:
                for name, asked in client.zrevrange(_ASKED + day, 0, most - 1, withscores=True):
                    times[name] += int(asked)
        for name, _ in times.most_common(most):
            request = next(filter(None, (self._store.get_bytes(_REQUESTS + day, name) for day in days)), None)
            if request is not None:
                found[name] = request
        return found
