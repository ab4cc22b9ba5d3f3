"""Operators' acts on circuits, and what they see of them.

The truth of an order is its row in SQL, written with its audit record in one transaction. The fleet is told afterwards;
whatever it was not told, because it was away or forgot, the worker tells it again. 'Recorded' and 'applied' are two facts.
"""

from __future__ import annotations

from backend.operations.circuit_view import Guarded
from backend.operations.fault_acts import FaultActs
from backend.operations.overrides import Overrides
from backend.operations.policies import Policies
from backend.operations.questions import Questions
from backend.operations.store import OrderStore

__all__ = ["CircuitService", "Guarded"]


class CircuitService(Overrides, Policies, FaultActs, Questions):
    """Circuits by name: those of this product, and those that other services tell the same fleet of."""

    def apply_pending(self) -> int:
        """Tell the fleet what it was not told or has forgotten; how many orders that were. StorageUnavailable while it is away."""
        with self._database.reading() as connection:
            ordered = set(OrderStore(connection).newest_of_all())
        names = ordered | set(self._circuits) | {one.name for one in self._fleet.names()}
        return sum(self._applying.reconcile(name) for name in sorted(names))

    def expire_due(self) -> int:
        """End orders whose time is over; how many. Each has its audit record."""
        return self._applying.expire_due()
