"""Saved queries and a history without a store behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from backend.actor import Actor, Permission
from backend.audit.record import Entry
from backend.errors import NotFound, StorageUnavailable
from backend.monitoring.queries.record import AskedQuery, SavedQuery, View, checked_title, checked_view
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.sources import HOSTILE, FakeClock


class FakeQueries:
    """One query of a colleague's, one of everybody's own, an empty history; in the failed state the store is away."""

    def __init__(self, clock: FakeClock, audit: FakeAudit, state: str) -> None:
        self.clock, self.audit, self.state = clock, audit, state
        self.kept: list[SavedQuery] = []
        self.asked: dict[str, list[AskedQuery]] = {}
        if state != "empty":
            shared = clock.now() - timedelta(days=3)
            self.kept = [
                SavedQuery("team-1", "Errors by route, " + HOSTILE, View(("sum(many)", "up")), "op-bea", "bea", shared, shared),
                SavedQuery(
                    "own-1", "Memory", View(("process_resident_memory_bytes",), "instant"), "op-developer", "developer", shared, None
                ),
            ]

    def save(self, actor: Actor, title: str, queries: Sequence[str], kind: str, step: str, *, shared: bool = False) -> SavedQuery:
        self._check(actor)
        now, view = self.clock.now(), checked_view(queries, kind, step)
        name = f"saved-{len(self.kept)}"
        self.kept.append(SavedQuery(name, checked_title(title), view, actor.id, actor.name, now, now if shared else None))
        self.audit.note(Entry("queries.save", "query", name, actor))
        return self.kept[-1]

    def own(self, actor: Actor) -> list[SavedQuery]:
        self._check(actor)
        return [one for one in self.kept if one.owner_id == actor.id]

    def shared(self, actor: Actor) -> list[SavedQuery]:
        self._check(actor)
        return [one for one in self.kept if one.owner_id != actor.id and one.is_shared]

    def share(self, actor: Actor, query_id: str) -> None:
        self._change(actor, query_id, replace(self._own(actor, query_id), shared_at=self.clock.now()))

    def unshare(self, actor: Actor, query_id: str) -> None:
        self._change(actor, query_id, replace(self._own(actor, query_id), shared_at=None))

    def delete(self, actor: Actor, query_id: str) -> None:
        self._change(actor, query_id, None)

    def note(self, actor: Actor, queries: Sequence[str]) -> None:
        self._check(actor)
        new = [AskedQuery(query, self.clock.now()) for query in queries]
        self.asked[actor.id] = new + [one for one in self.asked.get(actor.id, []) if one.query not in queries]

    def history(self, actor: Actor) -> list[AskedQuery]:
        self._check(actor)
        return self.asked.get(actor.id, [])

    def forget(self, actor: Actor) -> int:
        self._check(actor)
        return len(self.asked.pop(actor.id, []))

    def _own(self, actor: Actor, query_id: str) -> SavedQuery:
        self._check(actor)
        for one in self.kept:
            if one.id == query_id and one.owner_id == actor.id:
                return one
        raise NotFound("There is no such saved query of yours.")

    def _change(self, actor: Actor, query_id: str, after: SavedQuery | None) -> None:
        before = self._own(actor, query_id)
        self.kept = [one for one in (after if one is before else one for one in self.kept) if one is not None]

    def _check(self, actor: Actor) -> None:
        actor.require(Permission.EXPLORE_METRICS)
        if self.state == "failed":
            raise StorageUnavailable("sql")
