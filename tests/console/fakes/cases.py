"""Stored cases of one's own and of the team, without a store behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.accounts.cases import Case, OpenedCase, checked_title
from backend.actor import Actor, Permission
from backend.errors import NotFound, StorageUnavailable
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.charts import FakeCases
from tests.console.fakes.sources import HOSTILE, START

BODY = {"date": "1996-04-10", "time": "08:15:00", "time_zone": "America/Mexico_City", "latitude": 19.43, "longitude": -99.13}


class FakeTeamCases(FakeCases):
    """Two cases of everybody's own to begin with, and one that a colleague shared; in the failed state the store is away."""

    def __init__(self, state: str, audit: FakeAudit) -> None:
        super().__init__()
        self.state, self.audit = state, audit
        self.first: dict[tuple[str, str], OpenedCase] = {}
        self.team = {} if state == "empty" else {"team-1": _case("team-1", "op-bea", "bea", "Mexico 1996, " + HOSTILE, shared=True)}

    def own(self, actor: Actor) -> list[Case]:
        actor.require(Permission.KEEP_CASES)
        self._check()
        self._begin(actor)
        return [*super().own(actor), *(one.case for (owner, _), one in self.first.items() if owner == actor.id)]

    def shared(self, actor: Actor) -> list[Case]:
        actor.require(Permission.SEE_TEAM_CASES)
        self._check()
        mine = [one.case for one in (*self.kept.values(), *self.first.values()) if one.case.is_shared]
        return [*mine, *(one.case for one in self.team.values())]

    def opened(self, actor: Actor, case_id: str) -> OpenedCase:
        self._check()
        self._begin(actor)
        found = self._of(actor).get((actor.id, case_id))
        if found is None and actor.may(Permission.SEE_TEAM_CASES):
            found = self.team.get(case_id)
        if found is None:
            raise NotFound("There is no such case of yours or of the team's, or its time is over.")
        return found

    def rename(self, actor: Actor, case_id: str, title: str) -> None:
        self._change(actor, case_id, title=checked_title(title))

    def share(self, actor: Actor, case_id: str, title: str) -> None:
        self._change(actor, case_id, shared_at=START, title=checked_title(title))

    def unshare(self, actor: Actor, case_id: str) -> None:
        self._change(actor, case_id, shared_at=None)

    def delete(self, actor: Actor, case_id: str) -> None:
        self._change(actor, case_id)
        for kept in (self.kept, self.first):
            kept.pop((actor.id, case_id), None)

    def _change(self, actor: Actor, case_id: str, **values: Any) -> None:
        actor.require(Permission.KEEP_CASES)
        self._begin(actor)
        for kept in (self.kept, self.first):
            if (actor.id, case_id) in kept:
                one = kept[(actor.id, case_id)]
                kept[(actor.id, case_id)] = replace(one, case=replace(one.case, **values))
                return
        raise NotFound("There is no such case of yours, or its time is over.")

    def _of(self, actor: Actor) -> dict[tuple[str, str], OpenedCase]:
        return {**self.first, **self.kept}

    def _begin(self, actor: Actor) -> None:
        if self.state != "empty" and not any(owner == actor.id for owner, _ in self.first):
            self.first |= {
                (actor.id, "kept-2"): _case("kept-2", actor.id, actor.name, ""),
                (actor.id, "kept-1"): _case("kept-1", actor.id, actor.name, "Mexico 1996 DST"),
            }

    def _check(self) -> None:
        if self.state == "failed":
            raise StorageUnavailable("sql")


def _case(case_id: str, owner_id: str, owner: str, title: str, *, shared: bool = False) -> OpenedCase:
    made = START - timedelta(hours=3)
    return OpenedCase(Case(case_id, title, "natal", owner_id, owner, made, made + timedelta(days=30), made if shared else None), dict(BODY))
