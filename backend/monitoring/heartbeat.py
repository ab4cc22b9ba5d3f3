"""A process's sign of life, given each few seconds from a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from backend.errors import StorageUnavailable
from backend.monitoring.records import Instance
from backend.telemetry.logging import log

LOG = log(__name__)
HEARTBEAT_SECONDS = 5.0


class Repeater:
    """Calls ``act`` each ``seconds`` in a daemon thread until stopped; a store that is away is said once and tried again."""

    def __init__(self, name: str, seconds: float, act: Callable[[], object]) -> None:
        self._seconds = seconds
        self._act = act
        self._name = name
        self._stopped = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait_seconds: float = 2.0) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(wait_seconds)

    def _run(self) -> None:
        self.once()
        while not self._stopped.wait(self._seconds):
            self.once()

    def once(self) -> None:
        """One turn; whatever goes wrong is logged, and the next turn comes."""
        try:
            self._act()
            self._away = False
        except StorageUnavailable as error:
            if not self._away:
                LOG.warning("store_away", task=self._name, store=error.store)
            self._away = True
        except Exception:
            LOG.error("task_failed", task=self._name, exc_info=True)


class Announcing(Protocol):
    """Where a sign of life goes: the monitoring service."""

    def announce(self, instance: Instance) -> None: ...

    def withdraw(self, instance_id: str) -> None: ...


class Heartbeat:
    """Announces ``instance`` each 5 s, and withdraws it at the end."""

    def __init__(self, monitoring: Announcing, instance: Instance, seconds: float = HEARTBEAT_SECONDS) -> None:
        self._monitoring = monitoring
        self._instance = instance
        self._repeater = Repeater("heartbeat", seconds, lambda: monitoring.announce(instance))

    def start(self) -> None:
        self._repeater.start()

    def stop(self) -> None:
        self._repeater.stop()
        try:
            self._monitoring.withdraw(self._instance.id)
        except StorageUnavailable:
            LOG.warning("instance_not_withdrawn")  # it falls out of the list by its age
