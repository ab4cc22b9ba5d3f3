"""The shipped dashboards over made-up metrics, and what happened around them."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.actor import Actor
from backend.answer import Failed
from backend.audit.record import Criteria
from backend.errors import ServiceError
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.dashboards.service import BoardService
from backend.operations.annotations import Annotations
from backend.operations.deploys.record import Deploy
from tests.console.fakes.audit import FakeAudit
from tests.console.fakes.circuits import FakeCircuits
from tests.console.fakes.sources import HOSTILE, FakeClock
from tests.support.board_metrics import BoardMetrics

BOARDS = shipped()


def boards(clock: FakeClock, state: str) -> BoardService:
    return BoardService(BOARDS, BoardMetrics(clock, state), clock, 5.0)


class FakeAnnotations:
    """A deploy 25 minutes ago, the circuits' moves and the audit log's acts; in the failed state nothing is known."""

    def __init__(self, clock: FakeClock, circuits: FakeCircuits, audit: FakeAudit, state: str) -> None:
        self.clock, self.circuits, self.audit, self.state = clock, circuits, audit, state

    def between(self, actor: Actor, start: datetime, end: datetime) -> Annotations:
        if self.state == "failed":
            return Annotations(unknown=("breakers", "deploys", "acts"))
        if self.state == "empty":
            return Annotations()
        at = self.clock.now() - timedelta(minutes=25)
        deploy = Deploy("run-8812", "4.2.1", "astrolabe", at, HOSTILE, "https://ci.example/8812", at, "key-1", "ci")
        moves = self.circuits.transitions(actor, None, 200)
        try:
            acts = tuple(one for one in self.audit.search(actor, Criteria()) if one.act.startswith("circuits."))
        except ServiceError:
            acts = ()
        known = () if isinstance(moves, Failed) else tuple(getattr(moves, "value", ()))
        return Annotations((deploy,), known, acts)
