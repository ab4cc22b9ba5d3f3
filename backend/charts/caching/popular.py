"""What is asked for most, counted over all processes, so that one that starts knows what to have ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from backend.accounts.sealing import Seal
from backend.charts.caching.keys import Keys
from backend.charts.caching.memory import Asked
from backend.errors import NotFound

PURPOSE = "most asked requests, 1"
AT_LEAST = 3  # times a request is asked of one process again before it is counted at all: most births are asked for once
MOST = 200


class Tally(Protocol):
    """Counts by day, over all processes. StorageUnavailable when it is away."""

    def count(self, day: str, asked: Mapping[str, tuple[int, bytes]]) -> None: ...

    def most_asked(self, days: Sequence[str], most: int) -> dict[str, bytes]: ...


class Wanted(NamedTuple):
    """A request as it was written, and of what."""

    resource: str
    text: bytes


class Popular:
    """Requests are sealed before they are counted, and named by keyed digests."""

    def __init__(self, tally: Tally, keys: Keys, secret: str, now: Callable[[], datetime]) -> None:
        self._tally = tally
        self._keys = keys
        self._seal = Seal(secret, PURPOSE)
        self._now = now

    def count(self, asked: Sequence[Asked]) -> None:
        """Add to today's counts."""
        sealed: dict[str, tuple[int, bytes]] = {}
        for one in asked:
            name = self._keys.of_text(one.resource, one.text).hex()
            sealed[name] = one.times, self._seal.close(name, one.resource.encode() + b"\n" + one.text)
        if sealed:
            self._tally.count(_day(self._now()), sealed)

    def most_asked(self) -> list[Wanted]:
        """Of today and yesterday, the most asked first."""
        today = self._now()
        found = self._tally.most_asked([_day(today), _day(today - timedelta(days=1))], MOST)
        return [wanted for name, sealed in found.items() if (wanted := self._opened(name, sealed))]

    def _opened(self, name: str, sealed: bytes) -> Wanted | None:
        try:
            resource, _, text = self._seal.open(name, sealed).partition(b"\n")
        except NotFound:  # another secret sealed it
            return None
        return Wanted(resource.decode(), text)


def _day(at: datetime) -> str:
    return f"{at:%Y%m%d}"
