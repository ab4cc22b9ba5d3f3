"""Operators' changes of a dependency's policy: validated, one act each, taken back in one act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.actor import Actor, Permission
from backend.errors import Conflict
from backend.operations.desk import Desk, Wish
from backend.operations.order_record import OrderRecord, body_of
from backend.operations.store import OrderStore
from backend.resilience.dependency_policy import from_document, to_document
from backend.resilience.orders import Slot


class Policies(Desk):
    """What the processes go by from now on; until there is an order, it is what the settings say."""

    def change_policy(
        self, actor: Actor, name: str, document: Mapping[str, Any], reason: str, expected_epoch: int | None = None
    ) -> OrderRecord:
        """Put another policy in force; InvalidRequest names each wrong field by its dotted path. What is left out is as in the settings."""
        self._permitted(actor, Permission.CHANGE_POLICIES, "circuits.change_policy", name)
        base = self._circuits[name].policy if name in self._circuits else None
        body = body_of(to_document(from_document(document, base)))

        def different(before: OrderRecord | None) -> None:
            if before is not None and before.body == body:
                raise Conflict("This is the policy in force already.")

        return self._ordered(actor, Wish("circuits.change_policy", name, Slot.POLICY, body, reason, expected_epoch), different)

    def revert_policy(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        """Take the last change back: what was in force before it is again. Doing it twice brings the change back."""
        self._permitted(actor, Permission.CHANGE_POLICIES, "circuits.revert_policy", name)
        changed, earlier = self._last_two(name)
        body = earlier.body if earlier else ""
        if body:
            from_document(earlier.document if earlier else {})  # what another version accepted may be none any more

        def unmoved(before: OrderRecord | None) -> None:
            if before is None or before != changed:
                raise Conflict("Somebody else changed this policy at the same moment; look at it again.")

        return self._ordered(actor, Wish("circuits.revert_policy", name, Slot.POLICY, body, reason, expected_epoch), unmoved)

    def _last_two(self, name: str) -> tuple[OrderRecord, OrderRecord | None]:
        with self._database.reading() as connection:
            last = OrderStore(connection).last(Slot.POLICY, name, 2)
        if not last:
            raise Conflict("The policy is the one from the settings: there is no change to take back.")
        return last[0], last[1] if len(last) > 1 else None
