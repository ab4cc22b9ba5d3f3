"""Who is acting and what they may do: the roles' table stands here once, and draws its own page."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backend.errors import Forbidden


class Role(StrEnum):
    VIEWER = "viewer"
    SUPPORT = "support"
    DEVELOPER = "developer"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """Verbs on nouns; each is checked in a service before anything happens."""

    VIEW_OPERATIONS = "operations.view"
    VIEW_REQUESTS = "requests.view"
    VIEW_LOGS = "logs.view"
    EXPLORE_METRICS = "metrics.explore"
    RECORD_DEPLOYS = "deploys.record"
    COMPUTE_CHARTS = "charts.compute"
    SEARCH_PLACES = "places.search"
    KEEP_CASES = "cases.keep"
    SEE_TEAM_CASES = "cases.team"
    SEE_REGRESSIONS = "regressions.see"
    RUN_REGRESSIONS = "regressions.run"
    KEEP_REGRESSIONS = "regressions.keep"
    ACCEPT_EXPECTATIONS = "regressions.accept"
    ISOLATE_CIRCUITS = "circuits.isolate"
    RELEASE_CIRCUITS = "circuits.release"
    RESET_CIRCUITS = "circuits.reset"
    OVERRIDE_CIRCUITS = "circuits.override"  # forced open, disabled, metrics only
    CHANGE_POLICIES = "circuits.policy"
    INJECT_FAULTS = "faults.inject"
    VIEW_OPERATORS = "operators.view"
    MANAGE_OPERATORS = "operators.manage"
    MANAGE_KEYS = "keys.manage"
    READ_OWN_ACTS = "audit.own"
    READ_AUDIT = "audit.all"
    MANAGE_OWN_SESSIONS = "sessions.own"


_EVERYBODY = frozenset({Permission.VIEW_OPERATIONS, Permission.READ_OWN_ACTS, Permission.MANAGE_OWN_SESSIONS})
_CALCULATE = frozenset(
    {Permission.VIEW_REQUESTS, Permission.VIEW_LOGS, Permission.COMPUTE_CHARTS, Permission.SEARCH_PLACES, Permission.KEEP_CASES}
)
_TEAM = frozenset(
    {
        Permission.EXPLORE_METRICS,
        Permission.SEE_TEAM_CASES,
        Permission.SEE_REGRESSIONS,
        Permission.RUN_REGRESSIONS,
        Permission.KEEP_REGRESSIONS,
        Permission.ACCEPT_EXPECTATIONS,
    }
)
_STEER = frozenset({Permission.ISOLATE_CIRCUITS, Permission.RELEASE_CIRCUITS, Permission.RESET_CIRCUITS})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: _EVERYBODY,
    Role.SUPPORT: _EVERYBODY | _CALCULATE,
    Role.DEVELOPER: _EVERYBODY | _CALCULATE | _TEAM | _STEER,
    Role.ADMIN: frozenset(Permission),
    Role.AUDITOR: _EVERYBODY | {Permission.READ_AUDIT, Permission.VIEW_OPERATORS},
}


class ActorKind(StrEnum):
    OPERATOR = "operator"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Somebody or something that acts: ``name`` is shown, ``id`` is kept; ``origin`` is where the act came from."""

    kind: ActorKind
    id: str
    name: str
    permissions: frozenset[Permission]
    role: Role | None = None
    session_id: str | None = None
    address: str | None = None
    request_id: str | None = field(default=None, compare=False)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise Forbidden, naming the permission and the roles that have it, unless this actor has it."""
        if not self.may(permission):
            holders = ", ".join(role for role in Role if permission in PERMISSIONS[role])
            raise Forbidden(f"{self.name} may not do this: it needs '{permission}', which these roles have: {holders}")


def system_actor(name: str) -> Actor:
    """A part of the product acting by itself, for example 'worker'."""
    return Actor(ActorKind.SYSTEM, f"system:{name}", name, frozenset())
