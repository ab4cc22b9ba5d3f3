"""What happened around a span of time: deploys, moves of circuits, and acts of operators; each source by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from backend.actor import Actor, Permission
from backend.answer import Failed, Reading
from backend.audit.record import Criteria, Record
from backend.audit.service import AuditService
from backend.errors import ServiceError
from backend.operations.circuit_view import Transition
from backend.operations.deploys.record import Deploy
from backend.operations.deploys.service import DeployService

MOST = 200
_ON_ONESELF = ("accounts.", "sessions.", "cases.", "queries.", "regressions.", "deploys.")  # changes nothing that a chart could show

T = TypeVar("T")


class Transitions(Protocol):
    def transitions(
        self, actor: Actor, name: str | None = None, limit: int = 50, before: str | None = None
    ) -> Reading[list[Transition]]: ...


@dataclass(frozen=True)
class Annotations:
    """Each list has the newest first. ``transitions`` reach back beyond the span, as an open circuit may have opened before it.

    ``unknown`` names the sources that did not answer.
    """

    deploys: tuple[Deploy, ...] = ()
    transitions: tuple[Transition, ...] = ()
    acts: tuple[Record, ...] = ()
    unknown: tuple[str, ...] = ()


class AnnotationService:
    """Asks each source as the actor: whoever may not read all of the audit log sees their own acts."""

    def __init__(self, deploys: DeployService, circuits: Transitions, audit: AuditService) -> None:
        self._deploys = deploys
        self._circuits = circuits
        self._audit = audit

    def between(self, actor: Actor, start: datetime, end: datetime) -> Annotations:
        """At most 200 of each kind."""
        actor.require(Permission.VIEW_OPERATIONS)
        unknown: list[str] = []
        moves = self._circuits.transitions(actor, None, MOST)
        if isinstance(moves, Failed):
            unknown.append("breakers")
        deploys = _known(lambda: self._deploys.between(actor, start, end, MOST), "deploys", unknown)
        acts = _known(lambda: self._audit.search(actor, Criteria(since=start, until=end), MOST), "acts", unknown)
        return Annotations(
            tuple(deploys),
            tuple(move for move in getattr(moves, "value", ()) if move.at <= end),
            tuple(record for record in acts if not record.act.startswith(_ON_ONESELF)),
            tuple(unknown),
        )


def _known(read: Callable[[], list[T]], name: str, unknown: list[str]) -> list[T]:
    try:
        return read()
    except ServiceError:
        unknown.append(name)
        return []
