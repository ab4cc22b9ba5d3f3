"""All metrics by name."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

from backend.telemetry import api_metrics, process_metrics
from backend.telemetry.definitions import Metric

LIBRARY = {
    "process_virtual_memory_bytes": "Virtual memory of the process.",
    "process_resident_memory_bytes": "Memory of the process that is in use.",
    "process_start_time_seconds": "When the process was started, since 1970.",
    "process_cpu_seconds_total": "Time that the process computed.",
    "process_open_fds": "Open files and sockets.",
    "process_max_fds": "Open files and sockets that it may have.",
}
"""Those that prometheus_client itself measures, in our words."""


def _defined(module: ModuleType) -> Iterator[Metric]:
    yield from (value for value in vars(module).values() if isinstance(value, Metric))


METRICS = {metric.name: metric for module in (api_metrics, process_metrics) for metric in _defined(module)}
