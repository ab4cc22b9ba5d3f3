"""The nouns of the audit log and the rule for reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.actor import Actor, Permission
from backend.errors import InvalidRequest

SHORTEST_REASON, LONGEST_REASON = 10, 500
DONE, REFUSED = "done", "refused"


@dataclass(frozen=True)
class Entry:
    """What is about to be recorded; ``before`` and ``after`` hold no secret and no birth data."""

    act: str
    object_kind: str
    object_id: str
    actor: Actor
    reason: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    outcome: str = DONE


@dataclass(frozen=True)
class Record:
    """One line of the log, as it stands."""

    sequence: int
    id: str
    at: datetime
    act: str
    outcome: str
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_role: str | None
    object_kind: str
    object_id: str
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    request_id: str | None
    session_id: str | None
    address: str | None


@dataclass(frozen=True)
class Criteria:
    """What to look for; all that are given must hold. ``since`` is included, ``until`` is not; ``actor`` is a name or an id."""

    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    act: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    text: str | None = None


def refused(actor: Actor, permission: Permission, act: str, object_kind: str, object_id: str) -> Entry:
    """The entry of an act that the actor was not allowed to do."""
    return Entry(act, object_kind, object_id, actor, after={"needed": permission.value}, outcome=REFUSED)


def checked_reason(text: str) -> str:
    """The reason without white space around it, or InvalidRequest naming the field 'reason'."""
    reason = " ".join(text.split())
    if len(reason) < SHORTEST_REASON:
        raise InvalidRequest.of("reason", "too_short", f"Give a reason of at least {SHORTEST_REASON} characters.")
    if len(reason) > LONGEST_REASON:
        raise InvalidRequest.of("reason", "too_long", f"Keep the reason to {LONGEST_REASON} characters.")
    if not reason.isprintable():
        raise InvalidRequest.of("reason", "unprintable", "The reason has characters that cannot be shown.")
    return reason


def plain(text: str) -> str:
    """The text without what a database cannot hold or a screen cannot show: NUL, control characters, half surrogates."""
    return "".join(character for character in text if character.isprintable())
