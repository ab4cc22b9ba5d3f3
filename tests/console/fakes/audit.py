"""The audit log: some records to look at, and whatever is noted after them."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.actor import Actor, Permission, Role
from backend.audit.record import Criteria, Entry, Record, refused
from backend.errors import NotFound, StorageUnavailable
from tests.console.fakes.sources import HOSTILE, FakeClock


class FakeAudit:
    """Keeps what is noted, after some records to look at."""

    def __init__(self, clock: FakeClock, state: str) -> None:
        self.clock, self.state = clock, state
        self.records: list[Record] = [] if state == "empty" else _records(clock.now())

    def guard(self, actor: Actor, permission: Permission, act: str, object_kind: str, object_id: str) -> None:
        if not actor.may(permission):
            self.note(refused(actor, permission, act, object_kind, object_id))
        actor.require(permission)

    def note(self, entry: Entry) -> Record:
        number = max((record.sequence for record in self.records), default=0) + 1
        actor = entry.actor
        made = Record(
            number, f"rec-{number}", self.clock.now(), entry.act, entry.outcome, actor.kind.value, actor.id, actor.name,
            actor.role.value if actor.role else None, entry.object_kind, entry.object_id, entry.reason, entry.before, entry.after,
            None, actor.session_id, actor.address,
        )  # fmt: skip
        self.records.insert(0, made)
        return made

    def search(self, actor: Actor, criteria: Criteria, limit: int = 50, before_sequence: int | None = None) -> list[Record]:
        actor.require(Permission.READ_OWN_ACTS)
        self._check()
        mine = actor.may(Permission.READ_AUDIT)
        found = [record for record in self.records if mine or record.actor_id == actor.id]
        found = [record for record in found if before_sequence is None or record.sequence < before_sequence]
        found = [record for record in found if criteria.actor in (None, record.actor_name, record.actor_id)]
        found = [record for record in found if criteria.act in (None, record.act)]
        found = [record for record in found if not criteria.text or criteria.text in f"{record.object_id} {record.reason}"]
        return found[:limit]

    def record(self, actor: Actor, record_id: str) -> Record:
        self._check()
        for record in self.records:
            if record.id == record_id and (actor.may(Permission.READ_AUDIT) or record.actor_id == actor.id):
                return record
        raise NotFound("there is no audit record with this id that you may read")

    def facets(self, actor: Actor) -> dict[str, int]:
        self._check()
        counts: dict[str, int] = {}
        for record in self.records:
            counts[record.act] = counts.get(record.act, 0) + 1
        return counts

    def _check(self) -> None:
        if self.state == "failed":
            raise StorageUnavailable("sql")


def _records(now: datetime) -> list[Record]:
    rows = (
        ("circuits.isolate", "done", "admin", "circuit", "geocoder", "Provider confirmed an outage, ticket OPS-318", {"state": "none"},
         {"state": "isolated", "minutes": 30}),
        ("operators.change_role", "refused", "support", "operator", "op-viewer", None, None, {"needed": "operators.manage"}),
        ("keys.create", "done", "admin", "key", "billing import", "Import of the billing team, OPS-201", None, {"scopes": ["charts"]}),
        ("accounts.sign_in", "done", "developer", "operator", "op-developer", None, None, None),
        ("accounts.sign_in", "refused", "viewer", "operator", "viewer", None, None, None),
        ("circuits.release", "done", "system:worker", "circuit", "geocoder", HOSTILE, {"state": "isolated"},
         {"state": "none"}),
    )  # fmt: skip
    return [
        Record(
            len(rows) - index, f"rec-{len(rows) - index}", now - timedelta(minutes=7 * index + 1), act, outcome, "operator", f"op-{who}",
            who, who if who in set(Role) else None, kind, what, reason, before, after, "req-01", f"s-{who}", "127.0.0.1",
        )
        for index, (act, outcome, who, kind, what, reason, before, after) in enumerate(rows)
    ]  # fmt: skip
