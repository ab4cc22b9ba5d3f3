"""The same warning or error said again and again: some are written whole, the rest are counted and told with the next one written."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

WHOLE = 20
EACH = 100
WINDOW_SECONDS = 60.0
MOST_KINDS = 256
Kind = tuple[str, ...]


@dataclass
class _Said:
    until: float
    count: int = 0
    unwritten: int = 0


class Repeats:
    """Of one kind the first 20 in a minute are written, then each hundredth. The least recent kind makes room for a new one."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._said: OrderedDict[Kind, _Said] = OrderedDict()
        self._lock = threading.Lock()
        self.suppressed: Counter[str] = Counter()  # by level

    def is_written(self, level: str, kind: Kind) -> int | None:
        """None: not this one. Else how many of its kind were not written since the last that was."""
        now = self._now()
        with self._lock:
            said = self._of(kind, now)
            said.count += 1
            if said.count > WHOLE and said.count % EACH:
                said.unwritten += 1
                self.suppressed[level] += 1
                return None
            unwritten, said.unwritten = said.unwritten, 0
            return unwritten

    def _of(self, kind: Kind, now: float) -> _Said:
        said = self._said.get(kind)
        if said is None:
            said = self._said[kind] = _Said(now + WINDOW_SECONDS)
            if len(self._said) > MOST_KINDS:
                self._said.popitem(last=False)
        elif now >= said.until:
            said.until, said.count = now + WINDOW_SECONDS, 0
        self._said.move_to_end(kind)
        return said
