"""What is done for the kept answers beside the requests: written to the shared store, counted, and made ready when a process starts."""

from __future__ import annotations

from collections.abc import Callable

from backend.charts.caching.memory import Memory
from backend.charts.caching.popular import AT_LEAST, Popular, Wanted
from backend.charts.caching.shared import SharedAnswers
from backend.clock import Clock
from backend.errors import ServiceError
from backend.telemetry.logging import log

LOG = log(__name__)
WRITTEN_EVERY_SECONDS = 0.5
COUNTED_EVERY_SECONDS = 30.0
REST_SECONDS = 0.01  # between two answers, so that those who ask come first


class Upkeep:
    """``prepare`` makes one answer ready; it may raise ServiceError."""

    def __init__(self, memory: Memory, shared: SharedAnswers, popular: Popular, clock: Clock, prepare: Callable[[Wanted], None]) -> None:
        self._memory = memory
        self._shared = shared
        self._popular = popular
        self._clock = clock
        self._prepare = prepare
        self._count_at = clock.monotonic() + COUNTED_EVERY_SECONDS

    def turn(self) -> None:
        """One turn of many; StorageUnavailable when the counts could not be added to."""
        self._shared.flush()
        if self._clock.monotonic() >= self._count_at:
            self.count()

    def count(self) -> None:
        """Tell what was asked for often since the last time."""
        self._count_at = self._clock.monotonic() + COUNTED_EVERY_SECONDS
        self._popular.count(self._memory.take_asked(AT_LEAST))

    def warm(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Have ready what is asked for most; how many answers that were."""
        ready = 0
        try:
            for wanted in self._popular.most_asked():
                if stopped():
                    break
                ready += self._prepared(wanted)
                self._clock.sleep(REST_SECONDS)
        except ServiceError as error:
            LOG.info("not_warmed", error_code=error.code)
        except Exception:  # a thread of its own: nobody else would say so in one line
            LOG.error("not_warmed", exc_info=True)
        LOG.info("warmed", answers=ready)
        return ready

    def _prepared(self, wanted: Wanted) -> bool:
        try:
            self._prepare(wanted)
        except ServiceError:  # what an older version took this one may refuse
            return False
        except Exception:
            LOG.error("not_prepared", exc_info=True)
            return False
        return True
