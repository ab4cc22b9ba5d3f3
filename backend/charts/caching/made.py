"""An answer as it goes out, and where it came from."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum

from backend.answer import Degradation

FRESH_SECONDS = 300.0
"""How long the answer about a place by name counts as new: a geocoder may have learned better since."""
STALE_SECONDS = 86_400.0
"""How long it is given at all; towns stay where they are."""


class Outcome(StrEnum):
    """Whether an answer was kept: ``stale`` ones are given once more while a new one is made."""

    HIT = "hit"
    STALE = "stale"
    MISS = "miss"


@dataclass(frozen=True, slots=True)
class Made:
    """An answer's bytes. ``made_at`` in seconds since 1970, as other processes judge its age too; ``perishable``: it names a place."""

    content: bytes
    etag: str
    media_type: str
    source: str
    made_at: float
    perishable: bool = False
    degraded: tuple[Degradation, ...] = ()

    def is_fresh(self, now: float) -> bool:
        return not self.perishable or now - self.made_at < FRESH_SECONDS

    def is_usable(self, now: float) -> bool:
        return not self.perishable or now - self.made_at < STALE_SECONDS


@dataclass(frozen=True, slots=True)
class Served:
    """What is sent, and how it came to be."""

    made: Made
    outcome: Outcome
    age_seconds: float


def etag_of(content: bytes) -> str:
    """A strong entity tag (RFC 9110): equal for equal bytes alone."""
    digest = hashlib.sha256(content).digest()[:18]
    return f'"{base64.urlsafe_b64encode(digest).decode()}"'
