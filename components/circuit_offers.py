"""Which acts a circuit offers to whom, as it stands: what nobody may do, or what changes nothing, is not shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.actor import Permission
from backend.resilience.orders import OverrideKind, Slot
from components import circuit_acts, markup, policy_act
from components.actions import Act, Offer
from components.circuit_acts import HOLD_VERBS
from components.session import Seen
from components.views import circuits as view
from components.wording import say

_WIDER = (OverrideKind.FORCED_OPEN, OverrideKind.DISABLED, OverrideKind.METRICS_ONLY)


@dataclass(frozen=True)
class Offered:
    """The acts with a button of their own, and those behind 'More acts'."""

    main: tuple[Offer, ...]
    more: tuple[Offer, ...]

    @property
    def all(self) -> tuple[Offer, ...]:
        return (*self.main, *self.more)


def offered(circuit: Any, seen: Seen) -> Offered:
    main = (*_course(circuit, seen), *_ends(circuit, seen), *_resets(circuit, seen))
    more = (*_other_holds(circuit, seen), *_policies(circuit, seen), *_injections(circuit, seen))
    return Offered(main, more)


def _offer(verb: str, circuit: Any, make: Callable[[], Act], *, danger: str = "") -> Offer:
    return Offer(f"{verb}_{circuit.name}", say(f"circuit_acts.{verb}", title=markup.text(circuit.title)), make, danger)


def _course(circuit: Any, seen: Seen) -> list[Offer]:
    """Hold it, or let go: what was ordered with the wider permission is let go with the wider permission."""
    kind = view.held(circuit)
    if not kind:
        return _holds(circuit, seen, OverrideKind.ISOLATED) if seen.actor.may(Permission.ISOLATE_CIRCUITS) else []
    wide = kind != OverrideKind.ISOLATED
    if not seen.actor.may(Permission.RELEASE_CIRCUITS) or (wide and not seen.actor.may(Permission.OVERRIDE_CIRCUITS)):
        return []
    return [_offer("release", circuit, lambda: circuit_acts.release(circuit))]


def _holds(circuit: Any, seen: Seen, *kinds: OverrideKind) -> list[Offer]:
    def made(kind: OverrideKind) -> Callable[[], Act]:
        return lambda: circuit_acts.hold(circuit, kind, seen)

    return [_offer(HOLD_VERBS[kind], circuit, made(kind), danger=view.HOLDS[kind][0]) for kind in kinds]


def _other_holds(circuit: Any, seen: Seen) -> list[Offer]:
    if not seen.actor.may(Permission.OVERRIDE_CIRCUITS):
        return []
    present = view.held(circuit)
    kinds = (OverrideKind.ISOLATED, *_WIDER) if present else _WIDER
    return _holds(circuit, seen, *(kind for kind in kinds if kind != present))


def _resets(circuit: Any, seen: Seen) -> list[Offer]:
    if not seen.actor.may(Permission.RESET_CIRCUITS):
        return []
    return [_offer("reset", circuit, lambda: circuit_acts.reset(circuit, seen))]


def _policies(circuit: Any, seen: Seen) -> list[Offer]:
    if not seen.actor.may(Permission.CHANGE_POLICIES):
        return []
    found = []
    if circuit.policy.document is not None:
        found.append(_offer("change_policy", circuit, lambda: policy_act.change(circuit, seen)))
    if circuit_acts.standing(circuit, Slot.POLICY):
        found.append(_offer("revert_policy", circuit, lambda: policy_act.revert(circuit, seen)))
    return found


def _injections(circuit: Any, seen: Seen) -> list[Offer]:
    if view.has_fault(circuit) or not seen.actor.may(Permission.INJECT_FAULTS):
        return []
    return [_offer("inject_fault", circuit, lambda: circuit_acts.inject(circuit, seen), danger="pending")]


def _ends(circuit: Any, seen: Seen) -> list[Offer]:
    if not view.has_fault(circuit) or not seen.actor.may(Permission.INJECT_FAULTS):
        return []
    return [_offer("end_fault", circuit, lambda: circuit_acts.end_fault(circuit, seen))]
