"""The answers that all processes keep together: read by who needs one, written later by another thread; nobody waits while it is away."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from backend.accounts.sealing import Seal
from backend.charts.caching.made import STALE_SECONDS, Made
from backend.charts.caching.parcel import packed, unpacked
from backend.errors import StorageUnavailable

MOST_WAITING = 256
KEPT_SECONDS = STALE_SECONDS
PURPOSE = "kept answers, 1"


class Shelf(Protocol):
    """Where sealed answers lie, by name; bounded in bytes, each gone after its time. StorageUnavailable when it is away."""

    def get(self, name: str) -> bytes | None: ...

    def put(self, parcels: Mapping[str, bytes], seconds: float) -> None: ...


class Absent(Protocol):
    """Whether the store is known to be away."""

    @property
    def known(self) -> bool: ...

    def noticed(self) -> None: ...


class SharedAnswers:
    """Sealed with the installation's secret: who can read the store learns nothing of anybody, and cannot put an answer there."""

    def __init__(self, shelf: Shelf, secret: str, absence: Absent) -> None:
        self._shelf = shelf
        self._seal = Seal(secret, PURPOSE)
        self._absence = absence
        self._lock = threading.Lock()
        self._waiting: dict[str, Made] = {}

    def get(self, key: bytes) -> Made | None:
        """The answer of that name; None where there is none, or nobody can tell."""
        if self._absence.known:
            return None
        name = key.hex()
        try:
            sealed = self._shelf.get(name)
        except StorageUnavailable:
            self._absence.noticed()
            return None
        return unpacked(name, sealed, self._seal) if sealed else None

    def put(self, key: bytes, made: Made) -> None:
        """Have it written soon; what finds too many waiting is left out."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[key.hex()] = made

    def flush(self) -> int:
        """Write what waits; what the store does not take is dropped."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting or self._absence.known:
            return 0
        parcels = {name: sealed for name, made in waiting.items() if (sealed := packed(name, made, self._seal))}
        try:
            self._shelf.put(parcels, KEPT_SECONDS)
        except StorageUnavailable:
            self._absence.noticed()
            return 0
        return len(parcels)
