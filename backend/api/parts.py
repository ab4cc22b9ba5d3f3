"""What the API is made of: the services it calls, by the shape it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backend.actor import Actor
from backend.answer import Answer
from backend.charts.document import to_json
from backend.charts.engine.request import parse_request
from backend.clock import Clock, SystemClock
from backend.monitoring.records import Instance, RequestRecord
from backend.operations.health import StoreHealth
from backend.telemetry.series import Series


class Charts(Protocol):
    def compute(self, actor: Actor, request: Any) -> Answer[Any]: ...


class Places(Protocol):
    def search(self, text: str, limit: int = 8) -> Answer[Any]: ...


class Keys(Protocol):
    def recall(self, text: str) -> Actor | None: ...

    def authenticate(self, text: str) -> Actor | None: ...


class Monitoring(Protocol):
    def announce(self, instance: Instance) -> None: ...

    def withdraw(self, instance_id: str) -> None: ...

    def record_requests(self, batch: Sequence[RequestRecord]) -> None: ...


class Health(Protocol):
    def check(self) -> list[StoreHealth]: ...

    def ready(self) -> bool: ...


@dataclass(frozen=True)
class ApiParts:
    """Everything the API needs; times in seconds."""

    charts: Charts
    places: Places
    keys: Keys
    monitoring: Monitoring
    health: Health
    series: Series
    instance: Instance
    clock: Clock = SystemClock()  # noqa: RUF009 - it has no state
    version: str = "0"
    source_url: str = ""
    tls: bool = False
    request_seconds: float = 10.0
    body_seconds: float = 1.5
    most_waiting: int = 64
    parse_chart: Callable[[Mapping[str, Any]], Any] = parse_request
    render_chart: Callable[[Answer[Any]], bytes] = to_json
