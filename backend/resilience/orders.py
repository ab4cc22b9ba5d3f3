"""An operator's word on one circuit: four slots, each with an epoch of its own, all told to the fleet in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Slot(StrEnum):
    """What an order is about; a newer order replaces the older one of its slot alone."""

    OVERRIDE = "override"
    POLICY = "policy"
    FAULT = "fault"
    RESET = "reset"


class OverrideKind(StrEnum):
    NONE = "none"
    ISOLATED = "isolated"  # every call is refused, and says that an operator did it
    FORCED_OPEN = "forced_open"  # every call is refused as by an open circuit
    DISABLED = "disabled"  # every call goes through and counts for nothing
    METRICS_ONLY = "metrics_only"  # every call goes through and is counted; what would have happened is told


@dataclass(frozen=True)
class Order:
    """One order as processes hold it. ``left_seconds`` None: until the next one.

    ``body``: of OVERRIDE an OverrideKind; of POLICY a policy document as JSON ('': the one from settings); of FAULT a fault as JSON
    ('': none); of RESET the word 'reset'.
    """

    body: str = ""
    epoch: int = 0
    act: str = ""
    left_seconds: float | None = None
    age_seconds: float = 0.0
