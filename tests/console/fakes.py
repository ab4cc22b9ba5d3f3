"""Stand-ins for the backend's services, with every state a source can be in: fresh, empty, stale, failed."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from backend.accounts.operator import ApiKey, CreatedKey, Invitation, Operator, Session, SignedIn, actor_of
from backend.actor import Actor, Permission, Role
from backend.answer import Empty, Failed, Fresh, Reading, Stale
from backend.audit.record import Criteria, Entry, Record, checked_reason, refused
from backend.errors import Conflict, LimitExceeded, NotFound, StorageUnavailable, Unauthenticated
from backend.monitoring.records import Instance, RequestRecord, Summary
from backend.operations.health import StoreHealth
from components.api_client import ApiAnswer

START = datetime(2026, 11, 24, 14, 21, 5, tzinfo=UTC)
CHART = Path(__file__).parent / "chart.json"
DEGRADED = "The geocoder is isolated by an operator; the place comes from the offline index."
PASSWORD = "a long pass phrase"
HOSTILE = "[a](http://evil.example) *bold* :smile:"
STATES = ("fresh", "empty", "stale", "failed")


@dataclass
class FakeClock:
    """Real time is not needed to look at a page."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def reading(state: str, value: Any, at: datetime = START) -> Reading[Any]:
    match state:
        case "empty":
            return Empty(at)
        case "stale":
            return Stale(value, at - timedelta(minutes=2), "the shared store does not answer")
        case "failed":
            return Failed("valkey", "the valkey store did not answer", at, at - timedelta(minutes=3))
        case _:
            return Fresh(value, at, 0.012)


class FakeAccounts:
    """One operator a role, named after it; any session token is 'token-<name>'."""

    def __init__(self, clock: FakeClock, audit: FakeAudit) -> None:
        self.clock, self.audit = clock, audit
        self.people = {role.value: self._operator(role.value, role) for role in Role}
        self.ended: set[str] = set()
        self.away = False
        self.setup_needed = False
        self.failures: dict[str, int] = {}
        self.activity: list[tuple[str, bool]] = []
        self.open_invitations: list[Invitation] = []

    def _operator(self, name: str, role: Role) -> Operator:
        created = self.clock.now() - timedelta(days=40)
        return Operator(f"op-{name}", name, role, "UTC", "comfortable", created, self.clock.now() - timedelta(hours=3), None)

    def _session(self, name: str) -> Session:
        now = self.clock.now()
        agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
        begun = now - timedelta(hours=2)
        return Session(
            f"s-{name}", self.people[name], begun, now - timedelta(minutes=1), begun + timedelta(hours=12), "127.0.0.1", agent, None, None
        )

    def actor(self, name: str) -> Actor:
        return actor_of(self._session(name))

    def needs_setup(self) -> bool:
        self._check()
        return self.setup_needed

    def redeem(self, code: str, name: str, password: str, address: str | None) -> Operator:
        if code != "SETUP-CODE":
            raise Unauthenticated("the code is wrong, used or too old")
        self.setup_needed = False
        self.people[name] = self._operator(name, Role.ADMIN)
        return self.people[name]

    def sign_in(self, name: str, password: str, address: str | None, agent: str | None) -> SignedIn:
        self._check()
        if self.failures.get(name, 0) >= 5:
            raise LimitExceeded("too many attempts", 42)
        operator = self.people.get(name)
        if operator is None or password != PASSWORD or not operator.is_enabled:
            self.failures[name] = self.failures.get(name, 0) + 1
            raise Unauthenticated("name or password is wrong")
        self.ended.discard(name)
        return SignedIn(f"token-{name}", self._session(name))

    def session_of(self, token: str, *, active: bool) -> Session | None:
        self._check()
        name = token.removeprefix("token-")
        self.activity.append((name, active))
        if not token.startswith("token-") or name not in self.people or name in self.ended or not self.people[name].is_enabled:
            return None
        return self._session(name)

    def sign_out(self, token: str) -> None:
        self.ended.add(token.removeprefix("token-"))

    def operators(self, actor: Actor) -> list[Operator]:
        actor.require(Permission.VIEW_OPERATORS)
        self._check()
        return list(self.people.values())

    def invitations(self, actor: Actor) -> list[Invitation]:
        actor.require(Permission.VIEW_OPERATORS)
        return [replace(invitation, code="") for invitation in self.open_invitations]

    def invite(self, actor: Actor, name: str, role: Role, reason: str) -> Invitation:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, "operators.invite", "operator", name)
        checked_reason(reason)
        made = Invitation(f"inv-{name}", "INV-" + secrets.token_hex(4), name, role, self.clock.now() + timedelta(days=2))
        self.open_invitations.append(made)
        self.audit.note(Entry("operators.invite", "operator", name, actor, reason))
        return made

    def withdraw_invitation(self, actor: Actor, invitation_id: str, reason: str) -> None:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, "operators.withdraw_invitation", "invitation", invitation_id)
        checked_reason(reason)
        self.open_invitations = [one for one in self.open_invitations if one.id != invitation_id]

    def change_role(self, actor: Actor, operator_id: str, role: Role, reason: str) -> Operator:
        return self._change(actor, operator_id, "operators.change_role", reason, role=role)

    def disable(self, actor: Actor, operator_id: str, reason: str) -> Operator:
        found = self._by_id(operator_id)
        admins = [one for one in self.people.values() if one.role is Role.ADMIN and one.is_enabled]
        if admins == [found]:
            raise Conflict("This is the last enabled admin.")
        return self._change(actor, operator_id, "operators.disable", reason, disabled_at=self.clock.now())

    def enable(self, actor: Actor, operator_id: str, reason: str) -> Operator:
        return self._change(actor, operator_id, "operators.enable", reason, disabled_at=None)

    def end_sessions(self, actor: Actor, operator_id: str, reason: str) -> int:
        found = self._change(actor, operator_id, "operators.end_sessions", reason)
        self.ended.add(found.name)
        return 1

    def sessions_of(self, actor: Actor, operator_id: str) -> list[Session]:
        actor.require(Permission.VIEW_OPERATORS)
        return [self._session(self._by_id(operator_id).name)]

    def own_sessions(self, actor: Actor) -> list[Session]:
        actor.require(Permission.MANAGE_OWN_SESSIONS)
        self._check()
        mine = self._session(actor.name)
        return [mine, replace(mine, id="s-other", agent="Firefox/145", address="192.0.2.7")]

    def end_own_session(self, actor: Actor, session_id: str) -> None:
        actor.require(Permission.MANAGE_OWN_SESSIONS)
        self.audit.note(Entry("sessions.end", "session", session_id, actor))

    def set_preferences(self, actor: Actor, zone: str, density: str) -> Operator:
        name = actor.name
        self.people[name] = replace(self.people[name], zone=zone, density=density)
        return self.people[name]

    def change_password(self, actor: Actor, old: str, new: str) -> None:
        if old != PASSWORD:
            raise Unauthenticated("the present password is wrong")

    def _by_id(self, operator_id: str) -> Operator:
        for one in self.people.values():
            if one.id == operator_id:
                return one
        raise NotFound("there is no such operator")

    def _change(self, actor: Actor, operator_id: str, act: str, reason: str, **fields: Any) -> Operator:
        self.audit.guard(actor, Permission.MANAGE_OPERATORS, act, "operator", operator_id)
        checked_reason(reason)
        found = replace(self._by_id(operator_id), **fields)
        self.people[found.name] = found
        self.audit.note(Entry(act, "operator", operator_id, actor, reason))
        return found

    def _check(self) -> None:
        if self.away:
            raise StorageUnavailable("sql")


class FakeKeys:
    """One key, and what is made of it."""

    def __init__(self, clock: FakeClock, audit: FakeAudit) -> None:
        self.clock, self.audit = clock, audit
        made = clock.now() - timedelta(days=3)
        self.known = [ApiKey("key-1", "billing import", "ak_7f3a", ("charts",), "admin", made, None, None)]

    def keys(self, actor: Actor) -> list[ApiKey]:
        actor.require(Permission.MANAGE_KEYS)
        return self.known

    def create(self, actor: Actor, name: str, scopes: tuple[str, ...], reason: str, expires_at: datetime | None = None) -> CreatedKey:
        self.audit.guard(actor, Permission.MANAGE_KEYS, "keys.create", "key", name)
        checked_reason(reason)
        key = ApiKey("key-2", name, "ak_91bc", tuple(scopes), actor.name, self.clock.now(), expires_at, None)
        self.known.append(key)
        return CreatedKey(key, "ak_91bc_" + "x" * 43)

    def revoke(self, actor: Actor, key_id: str, reason: str) -> ApiKey:
        self.audit.guard(actor, Permission.MANAGE_KEYS, "keys.revoke", "key", key_id)
        checked_reason(reason)
        self.known = [replace(key, revoked_at=self.clock.now()) if key.id == key_id else key for key in self.known]
        return next(key for key in self.known if key.id == key_id)


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


@dataclass(frozen=True)
class Bar:
    ok: int
    bad: int


@dataclass(frozen=True)
class Override:
    id: str
    circuit: str
    epoch: int
    kind: str
    reason: str
    actor_name: str
    created_at: datetime
    expires_at: datetime | None
    applied_at: datetime | None


@dataclass(frozen=True)
class InstanceView:
    id: str
    role: str
    state: str
    lag_seconds: float
    applied: bool


@dataclass(frozen=True)
class Transition:
    at: datetime
    circuit: str
    from_state: str
    to_state: str
    cause: str
    instance: str
    epoch: int


@dataclass(frozen=True)
class CircuitView:
    name: str
    title: str
    state: str
    since: datetime | None
    override: Override | None
    calls: int
    failed_ratio: float | None
    slow_ratio: float | None
    p95_seconds: float | None
    bars: tuple[Bar, ...]
    window_seconds: float
    next_probe_at: datetime | None
    instances: tuple[InstanceView, ...]
    policy: dict[str, Any]
    applied: tuple[int, int]


@dataclass(frozen=True)
class IsolationPreview:
    calls_per_hour: float | None
    counted_at: datetime
    seconds_counted: float
    instances: int
    note: str


class FakeCircuits:
    """The geocoder's circuit, in whatever state a test or a picture wants."""

    def __init__(self, clock: FakeClock, audit: FakeAudit, state: str) -> None:
        self.clock, self.audit, self.state = clock, audit, state
        self.circuit_state = "closed"
        self.override: Override | None = None
        self.applied = True

    def view(self) -> CircuitView:
        now = self.clock.now()
        isolated = self.override is not None and self.override.kind == "isolated"
        bad = self.circuit_state == "open"
        bars = [Bar(6 + index % 4, 0) for index in range(30)]
        if bad:
            bars = bars[:9] + [Bar(5 - index, 3 + index) for index in range(5)] + [Bar(0, 0)] * 16
        if isolated:
            bars = bars[:20] + [Bar(0, 0)] * 10
        policy = {"failure_ratio": 0.5, "minimum_calls": 20, "window_seconds": 90, "wait_seconds": 40, "probes": 5}
        instances = tuple(InstanceView(f"api-{name}", "api", self.circuit_state, 0.3, self.applied) for name in "ab")
        return CircuitView(
            "geocoder", "Geocoder", self.circuit_state, now - timedelta(minutes=19), self.override, 50, 0.64 if bad else 0.002,
            0.12 if bad else 0.0, 2.41 if bad else 0.031, tuple(bars), 90, now + timedelta(seconds=35) if bad else None, instances, policy,
            (2 if self.applied else 0, 2),
        )  # fmt: skip

    def circuits(self, actor: Actor) -> Reading[list[CircuitView]]:
        actor.require(Permission.VIEW_OPERATIONS)
        return reading(self.state, [self.view()], self.clock.now())

    def circuit(self, actor: Actor, name: str) -> Reading[CircuitView]:
        actor.require(Permission.VIEW_OPERATIONS)
        if name != "geocoder":
            raise NotFound("there is no circuit of this name")
        return reading(self.state, self.view(), self.clock.now())

    def transitions(self, actor: Actor, name: str | None, limit: int = 50) -> Reading[list[Transition]]:
        now = self.clock.now()
        rows = [
            Transition(now - timedelta(minutes=19), "geocoder", "closed", "open", "32 of 50 calls failed, the limit is half", "api-a", 4),
            Transition(now - timedelta(hours=4), "geocoder", "half_open", "closed", "5 of 5 probes answered", "api-a", 3),
            Transition(now - timedelta(hours=4, minutes=1), "geocoder", "open", "half_open", "the wait of 40 s was over", "api-b", 2),
            Transition(
                now - timedelta(hours=4, minutes=2), "geocoder", "closed", "open", "27 of 50 calls failed, the limit is half", "api-b", 1
            ),
        ]
        return reading(self.state, rows[:limit], now)

    def preview(self, actor: Actor, name: str) -> IsolationPreview:
        return IsolationPreview(2450.0, self.clock.now(), 300, 2, "charts by place name are answered from the offline index and say so")

    def isolate(self, actor: Actor, name: str, reason: str, minutes: int) -> Override:
        self.audit.guard(actor, Permission.ISOLATE_CIRCUITS, "circuits.isolate", "circuit", name)
        now = self.clock.now()
        self.override = Override(
            "ov-1", name, 5, "isolated", checked_reason(reason), actor.name, now, now + timedelta(minutes=minutes), now
        )
        self.audit.note(Entry("circuits.isolate", "circuit", name, actor, reason))
        return self.override

    def release(self, actor: Actor, name: str, reason: str) -> Override:
        self.audit.guard(actor, Permission.RELEASE_CIRCUITS, "circuits.release", "circuit", name)
        now = self.clock.now()
        self.override = Override("ov-2", name, 6, "none", checked_reason(reason), actor.name, now, None, now)
        self.audit.note(Entry("circuits.release", "circuit", name, actor, reason))
        return self.override


class FakeMonitoring:
    def instances(self) -> list[Instance]:
        began = self.clock.now() - timedelta(hours=5)
        roles = (("api", "api-a"), ("api", "api-b"), ("worker", "worker-1"), ("console", "console-1"))
        return [Instance(name, role, 4000, "host", "0.1.0", began, None, self.clock.now() - timedelta(seconds=2)) for role, name in roles]

    def __init__(self, clock: FakeClock, state: str) -> None:
        self.clock, self.state = clock, state
        self.degraded = 0.002

    def summary(self, actor: Actor) -> Reading[Summary]:
        actor.require(Permission.VIEW_OPERATIONS)
        now = self.clock.now()
        wave = [40 + (index * 7) % 5 for index in range(30)]
        series = {
            "requests_per_second": tuple(float(value) for value in wave),
            "error_ratio": tuple(0.002 + (index % 4) / 2000 for index in range(30)),
            "p95_seconds": tuple(None if index < 4 else 0.05 + (index % 5) / 100 for index in range(30)),
            "degraded_ratio": tuple(self.degraded if index > 18 else 0.001 for index in range(30)),
        }
        value = Summary(now, 2, 41.2, 0.0042, 0.061, self.degraded, series, 3.0)
        return reading(self.state, value, now)

    def request(self, actor: Actor, request_id: str) -> RequestRecord:
        actor.require(Permission.VIEW_REQUESTS)
        return RequestRecord(request_id, self.clock.now(), "POST", "/v1/charts", 200, 0.0041, "0" * 32, "api-a", "key-1", ("place",), None)

    def requests(self, actor: Actor, limit: int = 50) -> list[RequestRecord]:
        return [self.request(actor, "req-01")]


class FakeHealth:
    def __init__(self, state: str) -> None:
        self.state = state

    def check(self) -> list[StoreHealth]:
        up = self.state != "failed"
        return [
            StoreHealth("sql", "Database", True, 0.0011, "SQLite, migrated", "sign-in, audit, operators", True),
            StoreHealth("valkey", "Shared state", up, 0.0004 if up else None, "answers" if up else "no answer within 1 s",
                        "the breakers' present state; isolation is recorded and applied later"),
            StoreHealth("places", "Place index", True, 0.0007, "33,902 places", "place search by name", True),
            StoreHealth("geocoder", "Geocoder", None, None, "no geocoder is configured", "nothing: the offline index answers"),
        ]  # fmt: skip


@dataclass(frozen=True)
class Hit:
    kind: str
    id: str
    title: str
    page: str
    params: dict[str, str] = field(default_factory=dict)


class FakeSearch:
    def find(self, actor: Actor, text: str) -> list[Hit]:
        if text == "geocoder":
            return [Hit("circuit", "geocoder", "Breaker of the geocoder", "breakers", {"circuit": "geocoder"})]
        if text == "many":
            return [
                Hit("operator", "op-ana", "ana, admin", "operators"),
                Hit("audit", "rec-3", "keys.create by admin", "audit", {"record": "rec-3"}),
            ]
        return []


class FakeCases:
    def __init__(self) -> None:
        self.bodies: dict[tuple[str, str], dict[str, Any]] = {}

    def store(self, actor: Actor, body: dict[str, Any]) -> str:
        actor.require(Permission.KEEP_CASES)
        case_id = f"case-{len(self.bodies) + 1}"
        self.bodies[(actor.id, case_id)] = body
        return case_id

    def open(self, actor: Actor, case_id: str) -> dict[str, Any]:
        try:
            return self.bodies[(actor.id, case_id)]
        except KeyError:
            raise NotFound("there is no such case of yours, or it is older than 30 days") from None


class FakeApi:
    """The API with one chart, whatever is asked; in the failed state it does not answer."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.asked: list[dict[str, Any]] = []

    def chart(self, body: dict[str, Any]) -> ApiAnswer:
        self.asked.append(dict(body))
        if self.state == "failed":
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        if body.get("date") == "refuse":
            problem = {
                "title": "A field is wrong",
                "detail": "date: must read YYYY-MM-DD",
                "errors": [{"field": "date", "detail": "must read YYYY-MM-DD"}],
            }
            return ApiAnswer(422, problem, 0.004, "req-77")
        document = json.loads(CHART.read_text("utf-8"))
        if self.state == "stale":
            document["degraded"] = [{"what": "place", "why": "circuit_isolated", "detail": DEGRADED, "since": "2026-11-24T14:02:06Z"}]
        return ApiAnswer(200, document, 0.0043, "req-78", 9132)

    def places(self, text: str, limit: int = 8) -> ApiAnswer:
        if self.state == "failed":
            return ApiAnswer(0, {"title": "The API does not answer", "detail": "the API could not be reached"}, 0.01)
        found = (
            []
            if self.state == "empty"
            else [
                {"name": "Lisbon", "admin": None, "country": "PT", "latitude": 38.7167, "longitude": -9.1333, "time_zone": "Europe/Lisbon"},
                {
                    "name": "Lisbon",
                    "admin": "Maine",
                    "country": "US",
                    "latitude": 44.0315,
                    "longitude": -70.1045,
                    "time_zone": "America/New_York",
                },
            ]
        )
        return ApiAnswer(200, {"places": found, "source": "offline index", "degraded": []}, 0.003)


def services(state: str = "fresh", clock: FakeClock | None = None) -> Any:
    """A whole backend in one state."""
    clock = clock or FakeClock()
    audit = FakeAudit(clock, state)
    settings = SimpleNamespace(
        console_base="http://127.0.0.1:8501",
        api_base="http://127.0.0.1:8000",
        demo=False,
        version="0.1.0",
        trusted_proxy="",
        geocoder_configured=True,
        source_url="",
    )
    return SimpleNamespace(
        settings_view=settings, clock=clock, secret="s" * 40, audit=audit, accounts=FakeAccounts(clock, audit), keys=FakeKeys(clock, audit),
        cases=FakeCases(), circuits=FakeCircuits(clock, audit, state), monitoring=FakeMonitoring(clock, state), health=FakeHealth(state),
        search=FakeSearch(), instance_id="console-1", chart_api=FakeApi(state),
    )  # fmt: skip
