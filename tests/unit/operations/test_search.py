"""Search finds by id and name, within what the searcher may see, and raises for no text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.actor import PERMISSIONS, Actor, ActorKind, Permission, Role
from backend.answer import Failed, Fresh
from backend.errors import NotFound, StorageUnavailable
from backend.monitoring.records import RequestRecord
from backend.operations.search import SearchService, kinds
from tests.support.clock import START

RECORD_ID = "01900000-0000-7000-8000-00000000000a"
REQUEST = RequestRecord("order-7", START, "POST", "/v1/charts", 200, 0.0123, "a" * 32, "i")


def operator(role: Role) -> Actor:
    return Actor(ActorKind.OPERATOR, "o", "Olga", PERMISSIONS[role], role)


class Sources:
    """All four services, holding one thing each."""

    away = False

    def request(self, actor: Actor, request_id: str) -> RequestRecord:
        actor.require(Permission.VIEW_REQUESTS)
        self._known(request_id == REQUEST.id)
        return REQUEST

    def operators(self, actor: Actor) -> list[Any]:
        self._known(True)
        return [SimpleNamespace(id="op-1", name="Grace", role="developer")]

    def circuits(self, actor: Actor) -> Any:
        if self.away:
            return Failed("valkey", "away", START)
        return Fresh([SimpleNamespace(name="geocoder", title="Geocoder", state="open")], START, 0.0)

    def record(self, actor: Actor, record_id: str) -> Any:
        self._known(record_id == RECORD_ID)
        return SimpleNamespace(id=RECORD_ID, act="circuits.isolate", actor_name="Grace", outcome="done")

    def _known(self, known: bool) -> None:
        if self.away:
            raise StorageUnavailable("sql")
        if not known:
            raise NotFound()


@pytest.fixture
def sources() -> Sources:
    return Sources()


def service(sources: Sources) -> SearchService:
    return SearchService(sources, sources, sources, sources)


@pytest.mark.parametrize(
    ("text", "kind", "page"),
    [
        ("order-7", "request", "requests"),
        (f" {RECORD_ID.upper()} ", "audit", "audit"),
        ("geoco", "circuit", "breakers"),
        ("GRACE", "operator", "operators"),
    ],
)
def test_each_kind_is_found_and_leads_to_its_page(sources: Sources, text: str, kind: str, page: str) -> None:
    hits = service(sources).find(operator(Role.ADMIN), text)
    assert [(hit.kind, hit.page) for hit in hits] == [(kind, page)]
    assert hits[0].title and hits[0].params


def test_nobody_finds_what_they_may_not_see(sources: Sources) -> None:
    viewer = operator(Role.VIEWER)
    assert service(sources).find(viewer, "order-7") == []
    assert service(sources).find(viewer, "grace") == []
    assert service(sources).find(viewer, "geocoder")


def test_stores_that_are_away_find_nothing_and_do_not_raise(sources: Sources) -> None:
    sources.away = True
    for text in ("order-7", RECORD_ID, "geocoder", "grace"):
        assert service(sources).find(operator(Role.ADMIN), text) == []


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    assert isinstance(service(Sources()).find(operator(Role.ADMIN), text), list)
    assert kinds(text)[-2:] == ("circuit", "operator")
