"""Sessions that were alive a moment ago: while the database is away, who was signed in can go on looking."""

from __future__ import annotations

import threading

from backend.accounts import lifetime
from backend.accounts.operator import Session
from backend.clock import Clock

KEPT_SECONDS = 300.0
MOST_SESSIONS = 1024


class SessionMemory:
    """What the database said last of each session, by the token's fingerprint. It answers only where the database does not."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[float, Session]] = {}
        self._lock = threading.Lock()

    def alive(self, token_hash: str, session: Session) -> None:
        with self._lock:
            self._seen.pop(token_hash, None)
            if len(self._seen) >= MOST_SESSIONS:
                del self._seen[next(iter(self._seen))]
            self._seen[token_hash] = (self._clock.monotonic(), session)

    def over(self, token_hash: str) -> None:
        with self._lock:
            self._seen.pop(token_hash, None)

    def forget(self) -> None:
        """Something was ended or changed here: believe nothing that was seen before."""
        with self._lock:
            self._seen.clear()

    def lately(self, token_hash: str) -> Session | None:
        """The session if it was seen alive in the last five minutes, and its own time is not over."""
        at, session = self._seen.get(token_hash, (0.0, None))
        if session is None or self._clock.monotonic() - at >= KEPT_SECONDS:
            return None
        return None if lifetime.over_because(session, self._clock.now()) else session
