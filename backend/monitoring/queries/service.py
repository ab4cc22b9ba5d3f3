"""Keeping queries: one's own history without being asked, and under a title what is worth asking again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.actor import Actor, Permission
from backend.audit.record import Entry
from backend.audit.service import AuditService
from backend.audit.store import AuditStore
from backend.clock import Clock
from backend.errors import Conflict, NotFound
from backend.identifiers import uuid7
from backend.monitoring.queries.record import AskedQuery, SavedQuery, checked_query, checked_title, checked_view
from backend.monitoring.queries.store import QueryStore
from backend.storage.database import Database

MOST_SAVED = 200  # of one owner
MOST_REMEMBERED = 100  # of one owner
REMEMBERED = timedelta(days=90)
SAVE, SHARE, UNSHARE, DELETE = (f"queries.{verb}" for verb in ("save", "share", "unshare", "delete"))


class SavedQueryService:
    """Whoever may explore metrics keeps queries, and sees those that colleagues share."""

    def __init__(self, database: Database, audit: AuditService, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    def save(self, actor: Actor, title: str, queries: Sequence[str], kind: str, step: str, *, shared: bool = False) -> SavedQuery:
        """Keep a view until its owner deletes it; InvalidRequest names the field that is wrong."""
        self._audit.guard(actor, Permission.EXPLORE_METRICS, SAVE, "query", "new")
        now, view = self._clock.now(), checked_view(queries, kind, step)
        saved = SavedQuery(uuid7(now), checked_title(title), view, actor.id, actor.name, now, now if shared else None)
        with self._database.transaction() as connection:
            store = QueryStore(connection)
            if store.count(actor.id) >= MOST_SAVED:
                raise Conflict(f"You have {MOST_SAVED} saved queries, which is the most: delete one first.")
            store.add(saved)
            AuditStore(connection, self._clock).append(
                Entry(SAVE, "query", saved.id, actor, after={"title": saved.title, "shared": shared})
            )
        return saved

    def own(self, actor: Actor) -> list[SavedQuery]:
        """The actor's own, by title."""
        actor.require(Permission.EXPLORE_METRICS)
        with self._database.reading() as connection:
            return QueryStore(connection).of_owner(actor.id)

    def shared(self, actor: Actor) -> list[SavedQuery]:
        """What colleagues share, by title."""
        actor.require(Permission.EXPLORE_METRICS)
        with self._database.reading() as connection:
            return QueryStore(connection).of_others(actor.id)

    def share(self, actor: Actor, query_id: str) -> None:
        """Let everybody who may explore metrics see it."""
        self._change(actor, query_id, SHARE, self._clock.now())

    def unshare(self, actor: Actor, query_id: str) -> None:
        """Take it back."""
        self._change(actor, query_id, UNSHARE, None)

    def delete(self, actor: Actor, query_id: str) -> None:
        self._audit.guard(actor, Permission.EXPLORE_METRICS, DELETE, "query", query_id)
        with self._database.transaction() as connection:
            title = QueryStore(connection).remove(query_id, actor.id)
            self._append(AuditStore(connection, self._clock), DELETE, query_id, actor, title)

    def note(self, actor: Actor, queries: Sequence[str]) -> None:
        """These were asked just now. The newest hundred are remembered, for ninety days; nobody else sees them."""
        actor.require(Permission.EXPLORE_METRICS)
        now = self._clock.now()
        with self._database.transaction() as connection:
            store = QueryStore(connection)
            for query in queries:
                store.note(uuid7(now), actor.id, checked_query(query), now)
            store.trim(actor.id, MOST_REMEMBERED, now - REMEMBERED)

    def history(self, actor: Actor) -> list[AskedQuery]:
        """What the actor asked, the newest first."""
        actor.require(Permission.EXPLORE_METRICS)
        with self._database.reading() as connection:
            return QueryStore(connection).history(actor.id, self._clock.now() - REMEMBERED)

    def forget(self, actor: Actor) -> int:
        """Empty the actor's history; how many queries there were."""
        actor.require(Permission.EXPLORE_METRICS)
        with self._database.transaction() as connection:
            return QueryStore(connection).forget(actor.id)

    def _change(self, actor: Actor, query_id: str, act: str, shared_at: datetime | None) -> None:
        self._audit.guard(actor, Permission.EXPLORE_METRICS, act, "query", query_id)
        with self._database.transaction() as connection:
            title = QueryStore(connection).change(query_id, actor.id, shared_at=shared_at)
            self._append(AuditStore(connection, self._clock), act, query_id, actor, title)

    @staticmethod
    def _append(audit: AuditStore, act: str, query_id: str, actor: Actor, title: str | None) -> None:
        if title is None:
            raise NotFound("There is no such saved query of yours.")
        audit.append(Entry(act, "query", query_id, actor, after={"title": title}))
