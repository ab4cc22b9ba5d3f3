"""The circuits' service over a database and a real Valkey, and what a test asks of both."""

from __future__ import annotations

from collections.abc import Mapping

from backend.actor import Actor, ActorKind, Permission, Role
from backend.answer import Fresh
from backend.audit.record import Criteria
from backend.audit.service import AuditService
from backend.clock import Clock
from backend.operations.circuit_view import CircuitView
from backend.operations.circuits import CircuitService, Guarded
from backend.operations.order_record import OrderRecord
from backend.operations.store import OrderStore
from backend.resilience.dependency_policy import DependencyPolicy
from backend.resilience.orders import Order, Slot
from backend.resilience.policy import Policy
from backend.resilience.redis_state import RedisState
from backend.storage.database import Database
from backend.storage.shared import SharedState
from tests.support.builders import actor_with

REASON = "The geocoder gives wrong places."
READER = Actor(ActorKind.SYSTEM, "reader", "reader", frozenset(Permission))


def guarded(policy: Policy) -> dict[str, Guarded]:
    return {"geocoder": Guarded("Geocoder", DependencyPolicy(circuit=policy), "Places come from the offline index.")}


class CircuitDesk:
    """``told`` is what listeners were told: (act, whether it was applied)."""

    def __init__(self, database: Database, shared: SharedState, clock: Clock, circuits: Mapping[str, Guarded]) -> None:
        self.database = database
        self.state = RedisState(shared)
        self.audit = AuditService(database, clock)
        self.told: list[tuple[str, bool]] = []
        self.circuits = CircuitService(database, shared, self.audit, clock, circuits, self._told)
        self.admin = actor_with(Role.ADMIN)

    def acts(self, circuit: str = "geocoder") -> list[tuple[str, str]]:
        """What the audit log has of one circuit, oldest first."""
        return [(record.act, record.outcome) for record in reversed(self.audit.search(READER, Criteria(object_id=circuit)))]

    def view(self, circuit: str = "geocoder") -> CircuitView:
        reading = self.circuits.circuit(self.admin, circuit)
        assert isinstance(reading, Fresh), reading
        return reading.value

    def newest(self, slot: Slot = Slot.OVERRIDE) -> OrderRecord | None:
        with self.database.reading() as connection:
            return OrderStore(connection).newest(slot, "geocoder")

    def held(self, slot: Slot = Slot.OVERRIDE) -> Order:
        """What the fleet holds."""
        return self.state.read("geocoder").order(slot)

    def _told(self, act: str, record: OrderRecord) -> None:
        self.told.append((act, record.applied_at is not None))
