"""The answers that this process keeps: bounded by number and by bytes, the least recently asked for goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from backend.charts.caching.made import Made
from backend.telemetry.kept_series import KeptFigures

MOST_ENTRIES = 8192
MOST_BYTES = 64 * 1024 * 1024
LARGEST_PART = 8  # one answer may take that part of all bytes
LONGEST_TEXT = 4096  # bytes of a request by which its answer is found at once
_OVERHEAD_BYTES = 1024  # of an entry beside its bytes: measured, rounded up


@dataclass(slots=True)
class _Entry:
    made: Made
    resource: str
    text: bytes
    bytes: int
    asked: int = 0


class Asked(NamedTuple):
    """A request that was asked for so often since the last count."""

    resource: str
    text: bytes
    times: int


class Memory:
    """Found by what was asked (its key) or by how it was written (its text's digest); safe in any thread."""

    def __init__(self, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._keys: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._evictions = 0

    def by_text(self, digest: bytes) -> Made | None:
        with self._lock:
            key = self._keys.get(digest)
            return None if key is None else self._found(key)

    def by_key(self, key: bytes, digest: bytes | None = None) -> Made | None:
        """The answer; ``digest``: of a text by which it is found at once from now on."""
        with self._lock:
            made = self._found(key)
            if made is not None and digest is not None:
                self._learn(digest, key)
            return made

    def keep(self, key: bytes, made: Made, resource: str, text: bytes, digest: bytes | None = None) -> None:
        """Remember it, and forget what was asked for longest ago until there is room; too large a one is not kept."""
        size = len(made.content) + len(text) + _OVERHEAD_BYTES
        if size > self._most_bytes // LARGEST_PART:
            return
        with self._lock:
            before = self._entries.pop(key, None)
            self._bytes -= before.bytes if before else 0
            self._entries[key] = _Entry(made, resource, text, size, before.asked if before else 0)
            self._bytes += size
            if digest is not None:
                self._learn(digest, key)
            self._make_room()

    def take_asked(self, at_least: int) -> list[Asked]:
        """What was asked for that often since it was last taken here; it is counted from none again."""
        with self._lock:
            found = [entry for entry in self._entries.values() if entry.asked >= at_least]
            taken = [Asked(entry.resource, entry.text, entry.asked) for entry in found if entry.text]
            for entry in found:
                entry.asked = 0
        return taken

    def figures(self) -> KeptFigures:
        with self._lock:
            return KeptFigures(len(self._entries), self._bytes, self._evictions)

    def _found(self, key: bytes) -> Made | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        entry.asked += 1
        return entry.made

    def _learn(self, digest: bytes, key: bytes) -> None:
        self._keys[digest] = key
        self._keys.move_to_end(digest)
        while len(self._keys) > 2 * self._most_entries:
            self._keys.popitem(last=False)

    def _make_room(self) -> None:
        while self._bytes > self._most_bytes or len(self._entries) > self._most_entries:
            _, gone = self._entries.popitem(last=False)
            self._bytes -= gone.bytes
            self._evictions += 1
