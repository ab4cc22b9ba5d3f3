"""Stored cases: what was typed into the playground, kept so that no address holds birth data; one's own, or shared with the team."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.codes import RandomBytes
from backend.accounts.sealing import Seal
from backend.accounts.store import CaseRow, CaseStore
from backend.actor import Actor, Permission
from backend.audit.record import Entry
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import InvalidRequest, NotFound
from backend.identifiers import uuid7
from backend.storage.database import Database

KEPT = timedelta(days=30)
SHARED_KEPT = timedelta(days=365)
LARGEST_BYTES = 64 * 1024
LONGEST_TITLE = 80
MOST_LISTED = 200
NATAL = "natal"
STORE, OPEN, RENAME, SHARE, UNSHARE, DELETE = (f"cases.{verb}" for verb in ("store", "open", "rename", "share", "unshare", "delete"))
_LONGEST_TECHNIQUE = 32


@dataclass(frozen=True)
class Case:
    """What a list may show of a case; the title is whatever its owner called it, or nothing."""

    id: str
    title: str
    technique: str
    owner_id: str
    owner_name: str
    created_at: datetime
    expires_at: datetime
    shared_at: datetime | None

    @property
    def is_shared(self) -> bool:
        return self.shared_at is not None


@dataclass(frozen=True)
class OpenedCase:
    """A case with the request that was kept."""

    case: Case
    body: dict[str, Any]


class CaseService:
    """Bodies and titles are sealed (`accounts/sealing`), bound to the case's id.

    A case opens for its owner, and, shared, for whoever may see the team's; that somebody opened another's is recorded. It is kept for
    thirty days, shared for a year.
    """

    def __init__(
        self, database: Database, secret: str, clock: Clock, audit: AuditService, *, random_bytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self._database = database
        self._seal = Seal(secret, "stored cases, 1", random_bytes)
        self._clock = clock
        self._audit = audit

    def store(self, actor: Actor, body: Mapping[str, Any], *, technique: str = NATAL, title: str = "") -> str:
        """Keep the request of one technique; the id opens it."""
        self._audit.guard(actor, Permission.KEEP_CASES, STORE, "case", "new")
        now = self._clock.now()
        case_id, named = uuid7(now), checked_title(title, required=False)
        sealed = self._sealed_body(case_id, body)
        row = CaseRow(
            case_id, actor.id, "", sealed, self._sealed_title(case_id, named), _checked_technique(technique), now, now + KEPT, None
        )
        with self._database.transaction() as connection:
            CaseStore(connection).add(row)
            AuditStore(connection, self._clock).append(Entry(STORE, "case", case_id, actor))
        return case_id

    def open(self, actor: Actor, case_id: str) -> dict[str, Any]:
        """The body, for whoever may see it and until its time is over; NotFound otherwise."""
        return self.opened(actor, case_id).body

    def opened(self, actor: Actor, case_id: str) -> OpenedCase:
        """The same with its title, technique and owner."""
        self._audit.guard(actor, Permission.KEEP_CASES, OPEN, "case", case_id)
        with self._database.reading() as connection:
            row = CaseStore(connection).visible(case_id, actor.id, self._clock.now(), team=actor.may(Permission.SEE_TEAM_CASES))
        if row is None:
            raise NotFound("There is no such case of yours or of the team's, or its time is over.")
        body: dict[str, Any] = json.loads(self._seal.open(row.id, row.body))
        if row.owner_id != actor.id:
            self._audit.note(Entry(OPEN, "case", row.id, actor, after={"owner": row.owner_name or row.owner_id}))
        return OpenedCase(self._case(row), body)

    def own(self, actor: Actor) -> list[Case]:
        """The actor's own cases, the newest first, without what is in them."""
        actor.require(Permission.KEEP_CASES)
        with self._database.reading() as connection:
            rows = CaseStore(connection).of_owner(actor.id, self._clock.now(), MOST_LISTED)
        return [self._case(row) for row in rows]

    def shared(self, actor: Actor) -> list[Case]:
        """What is shared with the team, the newest first."""
        actor.require(Permission.SEE_TEAM_CASES)
        with self._database.reading() as connection:
            rows = CaseStore(connection).of_team(self._clock.now(), MOST_LISTED)
        return [self._case(row) for row in rows]

    def rename(self, actor: Actor, case_id: str, title: str) -> None:
        """Call one's own case something."""
        self._audit.guard(actor, Permission.KEEP_CASES, RENAME, "case", case_id)
        named = checked_title(title)
        self._change(actor, case_id, RENAME, title=self._sealed_title(case_id, named))

    def share(self, actor: Actor, case_id: str, title: str) -> None:
        """Let whoever may see the team's cases open it, for a year from now; under this title, which all of them see in their list."""
        self._audit.guard(actor, Permission.KEEP_CASES, SHARE, "case", case_id)
        now, named = self._clock.now(), checked_title(title)
        self._change(actor, case_id, SHARE, shared_at=now, expires_at=now + SHARED_KEPT, title=self._sealed_title(case_id, named))

    def unshare(self, actor: Actor, case_id: str) -> None:
        """Take it back; it is kept for thirty days more."""
        self._audit.guard(actor, Permission.KEEP_CASES, UNSHARE, "case", case_id)
        self._change(actor, case_id, UNSHARE, shared_at=None, expires_at=self._clock.now() + KEPT)

    def delete(self, actor: Actor, case_id: str) -> None:
        """Forget one's own case now."""
        self._audit.guard(actor, Permission.KEEP_CASES, DELETE, "case", case_id)
        with self._database.transaction() as connection:
            if not CaseStore(connection).delete(case_id, actor.id):
                raise _not_yours()
            AuditStore(connection, self._clock).append(Entry(DELETE, "case", case_id, actor))

    def purge(self) -> int:
        """Delete the cases whose time is over; how many there were."""
        with self._database.transaction() as connection:
            return CaseStore(connection).purge(self._clock.now())

    def _change(self, actor: Actor, case_id: str, act: str, **values: Any) -> None:
        with self._database.transaction() as connection:
            if not CaseStore(connection).change(case_id, actor.id, self._clock.now(), values):
                raise _not_yours()
            AuditStore(connection, self._clock).append(Entry(act, "case", case_id, actor))

    def _case(self, row: CaseRow) -> Case:
        title = self._seal.open_or(_title_of(row.id), row.title)
        return Case(row.id, title, row.technique, row.owner_id, row.owner_name, row.created_at, row.expires_at, row.shared_at)

    def _sealed_body(self, case_id: str, body: Mapping[str, Any]) -> bytes:
        plain = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode(errors="replace")
        if len(plain) > LARGEST_BYTES:
            raise InvalidRequest.of("body", "too_large", f"A case may have at most {LARGEST_BYTES // 1024} KiB.")
        return self._seal.close(case_id, plain)

    def _sealed_title(self, case_id: str, title: str) -> bytes | None:
        """A title may name a person, so it is sealed too."""
        return self._seal.close(_title_of(case_id), title.encode()) if title else None


def checked_title(text: str, *, required: bool = True) -> str:
    """The title without white space around it; InvalidRequest naming the field 'title' when it is none."""
    title = " ".join(str(text).split())
    if len(title) > LONGEST_TITLE or not (title.isprintable() and (title or not required)):
        raise InvalidRequest.of("title", "invalid_title", f"Give it a title of 1 to {LONGEST_TITLE} characters.")
    return title


def _checked_technique(name: str) -> str:
    if not 0 < len(name) <= _LONGEST_TECHNIQUE or not name.replace("-", "").isalnum() or not name.isascii():
        raise InvalidRequest.of("technique", "invalid_technique", "There is no technique of this name.")
    return name


def _title_of(case_id: str) -> str:
    return f"{case_id}/title"


def _not_yours() -> NotFound:
    return NotFound("There is no such case of yours, or its time is over.")
