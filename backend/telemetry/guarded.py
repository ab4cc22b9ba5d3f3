"""Counted metrics with a bound: whoever makes up label values, be it by path, header or body, gets one series more, not thousands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from backend.telemetry.definitions import MOST_CHILDREN, OTHER, Metric

Overflow = Callable[[str], None]
_KINDS: dict[str, Callable[..., Any]] = {"counter": Counter, "gauge": Gauge}


class Guarded:
    """The series of one metric, found by labels. At most 500, then one more whose labels are all ``__other__``."""

    def __init__(self, metric: Metric, registry: CollectorRegistry, overflow: Overflow, most: int = MOST_CHILDREN) -> None:
        self._metric = metric
        self._family = _family(metric, registry)
        self._overflow = overflow
        self._most = most
        self._found: dict[tuple[str, ...], Any] = {}
        self._lock = threading.Lock()

    def at(self, *labels: str) -> Any:
        """The library's own object for these labels, in the definition's order; it may be kept and used without asking again."""
        return self._found.get(labels) or self._new(labels)

    def has_room(self) -> bool:
        """Whether new labels still get a series of their own: only then may a caller remember what it got."""
        return len(self._found) < self._most

    def _new(self, labels: tuple[str, ...]) -> Any:
        with self._lock:
            if labels not in self._found and len(self._found) < self._most:
                self._found[labels] = self._family.labels(*labels) if labels else self._family
            found = self._found.get(labels)
        if found is not None:
            return found
        self._overflow(self._metric.name)
        return self._family.labels(*[OTHER] * len(labels))


def _family(metric: Metric, registry: CollectorRegistry) -> Any:
    labels = tuple(metric.labels)
    if metric.kind == "histogram":
        return Histogram(metric.family, metric.help, labels, buckets=metric.bounds, registry=registry)
    return _KINDS[metric.kind](metric.family, metric.help, labels, registry=registry)
