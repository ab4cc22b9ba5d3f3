"""Finds what a text names: a request by its id, an operator by name, a circuit by name, an audit record by its id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from backend.actor import Actor, Permission
from backend.answer import Fresh, Stale
from backend.errors import ServiceError
from backend.identifiers import accepted_request_id
from backend.monitoring.records import RequestRecord

LONGEST_TEXT = 200
MOST_HITS = 10
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Hit:
    """One thing found: ``page`` and ``params`` are where the console shows it."""

    kind: str
    id: str
    title: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


class Requests(Protocol):
    def request(self, actor: Actor, request_id: str) -> RequestRecord: ...


class Accounts(Protocol):
    def operators(self, actor: Actor) -> Sequence[Any]: ...


class Circuits(Protocol):
    def circuits(self, actor: Actor) -> Any: ...


class Audit(Protocol):
    def record(self, actor: Actor, record_id: str) -> Any: ...


class SearchService:
    """Asks each service in the actor's name, so that nobody finds what they may not see. It raises for no text."""

    def __init__(self, requests: Requests, accounts: Accounts, circuits: Circuits, audit: Audit) -> None:
        self._requests = requests
        self._accounts = accounts
        self._circuits = circuits
        self._audit = audit

    def find(self, actor: Actor, text: str) -> list[Hit]:
        """What the text names, ids first; nothing for a text that is too long or blank."""
        wanted = text.strip()
        if not wanted or len(wanted) > LONGEST_TEXT:
            return []
        hits: list[Hit] = []
        for kind in kinds(wanted):
            hits += _tried(lambda kind=kind: self._look(kind, actor, wanted))  # type: ignore[misc]
        return hits[:MOST_HITS]

    def _look(self, kind: str, actor: Actor, text: str) -> Iterable[Hit]:
        match kind:
            case "request":
                return self._request(actor, text)
            case "audit":
                return self._record(actor, text)
            case "circuit":
                return self._circuit(actor, text.casefold())
            case _:
                return self._operator(actor, text.casefold())

    def _request(self, actor: Actor, text: str) -> Iterable[Hit]:
        found = self._requests.request(actor, text)
        took = f"{found.seconds * 1000:.1f} ms"
        yield Hit("request", found.id, f"{found.method} {found.route}, {found.status}, {took}", "requests", {"id": found.id})

    def _record(self, actor: Actor, text: str) -> Iterable[Hit]:
        found = self._audit.record(actor, text.lower())
        yield Hit("audit", found.id, f"{found.act} by {found.actor_name}, {found.outcome}", "audit", {"record": found.id})

    def _circuit(self, actor: Actor, text: str) -> Iterable[Hit]:
        reading = self._circuits.circuits(actor)
        for circuit in reading.value if isinstance(reading, Fresh | Stale) else ():
            if text in circuit.name.casefold() or text in circuit.title.casefold():
                yield Hit("circuit", circuit.name, f"{circuit.title}, {circuit.state}", "breakers", {"circuit": circuit.name})

    def _operator(self, actor: Actor, text: str) -> Iterable[Hit]:
        if not actor.may(Permission.VIEW_OPERATORS):
            return
        for operator in self._accounts.operators(actor):
            if text in operator.name.casefold():
                yield Hit("operator", operator.id, f"{operator.name}, {operator.role}", "operators", {"operator": operator.id})


def kinds(text: str) -> tuple[str, ...]:
    """What a text may be the name of, the likeliest first."""
    found = ["request"] if accepted_request_id(text) else []
    found += ["audit"] if _UUID.fullmatch(text.lower()) else []
    return (*found, "circuit", "operator")


def _tried(look: Callable[[], Iterable[Hit]]) -> list[Hit]:
    """What was found; a source that has it not, is away or is not for this actor finds nothing."""
    try:
        return list(look())
    except ServiceError:
        return []
