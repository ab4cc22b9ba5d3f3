"""Operators' acts on the course of calls: isolate, force open, disable, metrics only, release, reset."""

from __future__ import annotations

from datetime import timedelta

from backend.actor import Actor, Permission
from backend.errors import Conflict, InvalidRequest
from backend.operations.desk import Desk, Wish
from backend.operations.order_record import NONE, OrderRecord
from backend.resilience.orders import OverrideKind, Slot

SHORTEST_MINUTES, LONGEST_MINUTES = 1, 1440
_ACTS = {
    OverrideKind.ISOLATED: "circuits.isolate",
    OverrideKind.FORCED_OPEN: "circuits.force_open",
    OverrideKind.DISABLED: "circuits.disable",
    OverrideKind.METRICS_ONLY: "circuits.metrics_only",
}


class Overrides(Desk):
    """Each holds for all processes, until released or until its time is over.

    Whoever may only isolate and release may not set aside what was ordered with a wider permission.
    """

    def isolate(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        """Stop all calls; callers are told that an operator did it."""
        return self._override(actor, Permission.ISOLATE_CIRCUITS, name, OverrideKind.ISOLATED, reason, minutes, expected_epoch)

    def force_open(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        """Refuse all calls as an open circuit does."""
        return self._override(actor, Permission.OVERRIDE_CIRCUITS, name, OverrideKind.FORCED_OPEN, reason, minutes, expected_epoch)

    def disable(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        """Let all calls through, whatever becomes of them."""
        return self._override(actor, Permission.OVERRIDE_CIRCUITS, name, OverrideKind.DISABLED, reason, minutes, expected_epoch)

    def metrics_only(self, actor: Actor, name: str, reason: str, minutes: int, expected_epoch: int | None = None) -> OrderRecord:
        """Let all calls through, and tell when the circuit would have opened."""
        return self._override(actor, Permission.OVERRIDE_CIRCUITS, name, OverrideKind.METRICS_ONLY, reason, minutes, expected_epoch)

    def release(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        """Let calls go on as the circuit's own state allows; Conflict when nothing holds it."""
        act = "circuits.release"
        self._permitted(actor, Permission.RELEASE_CIRCUITS, act, name)
        self._entitled(actor, act, name)

        def held(before: OrderRecord | None) -> None:
            if before is None or before.kind == NONE:
                raise Conflict("No operator holds this circuit.")
            self._within(actor, before)

        return self._ordered(actor, Wish(act, name, Slot.OVERRIDE, NONE, reason, expected_epoch), held)

    def reset(self, actor: Actor, name: str, reason: str, expected_epoch: int | None = None) -> OrderRecord:
        """Close the circuit and forget what it saw, in the fleet and in every process."""
        self._permitted(actor, Permission.RESET_CIRCUITS, "circuits.reset", name)
        return self._ordered(actor, Wish("circuits.reset", name, Slot.RESET, "reset", reason, expected_epoch))

    def _override(
        self, actor: Actor, permission: Permission, name: str, kind: OverrideKind, reason: str, minutes: int, epoch: int | None
    ) -> OrderRecord:
        self._permitted(actor, permission, _ACTS[kind], name)
        self._entitled(actor, _ACTS[kind], name)
        ends = self._clock.now() + timedelta(minutes=_checked_minutes(minutes))
        wish = Wish(_ACTS[kind], name, Slot.OVERRIDE, kind.value, reason, epoch, ends)
        return self._ordered(actor, wish, lambda before: self._within(actor, before))

    def _entitled(self, actor: Actor, act: str, name: str) -> None:
        """The refusal of whoever may not set aside what stands, recorded."""
        standing = self._newest(Slot.OVERRIDE, name)
        if self._is_wider(standing):
            self._audit.guard(actor, Permission.OVERRIDE_CIRCUITS, act, "circuit", name)

    def _within(self, actor: Actor, before: OrderRecord | None) -> None:
        """The same once more inside the transaction, in case it was ordered just now."""
        if self._is_wider(before):
            actor.require(Permission.OVERRIDE_CIRCUITS)

    def _is_wider(self, standing: OrderRecord | None) -> bool:
        now = self._clock.now()
        return standing is not None and standing.in_force(now) and not standing.isolates(now)


def _checked_minutes(minutes: int) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InvalidRequest.of("minutes", "out_of_range", f"This lasts {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes.")
    return minutes
