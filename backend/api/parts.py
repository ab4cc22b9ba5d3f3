"""What the API is made of: the services it calls, by the shape it needs."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from backend.actor import Actor
from backend.answer import Answer
from backend.charts.caching.made import Served
from backend.clock import Clock, SystemClock
from backend.monitoring.records import Instance, RequestRecord
from backend.operations.deploys.record import Deploy, NewDeploy
from backend.operations.health import StoreHealth
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.profiling import Profiling
from backend.telemetry.series import Series

if TYPE_CHECKING:  # the console imports these parts' names too, and loads no ephemeris
    from backend.charts.technique import Technique


class Charts(Protocol):
    """Each technique under the name of its address; ``resources`` are their forms (``wheel``, ``wheel.svg``)."""

    @property
    def techniques(self) -> Mapping[str, Technique[Any, Any]]: ...

    @property
    def resources(self) -> Mapping[str, Any]: ...

    def recall(self, resource: str, text: bytes) -> Served | None: ...

    def answer(self, actor: Actor, resource: str, text: bytes, body: Mapping[str, Any]) -> Served: ...


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


class Deploys(Protocol):
    def record(self, actor: Actor, told: NewDeploy) -> tuple[Deploy, bool]: ...


@dataclass(frozen=True)
class ApiParts:
    """Everything the API needs; times in seconds."""

    charts: Charts
    places: Places
    keys: Keys
    monitoring: Monitoring
    health: Health
    deploys: Deploys
    series: Series
    instance: Instance
    profiling: Profiling = field(default_factory=lambda: Profiling(0.0, 0.0, random.random))
    trace: Callable[[FinishedRequest], None] | None = None
    """Takes each finished request that belongs in a trace, where traces are collected; it must not block."""
    clock: Clock = SystemClock()  # noqa: RUF009 - it has no state
    version: str = "0"
    source_url: str = ""
    tls: bool = False
    request_seconds: float = 10.0
    body_seconds: float = 1.5
    most_waiting: int = 64
