"""Who acts on the command line: whoever may read the state folder may do everything, and the audit log says so."""

from __future__ import annotations

from backend.actor import Actor, ActorKind, Permission

COMMAND_LINE = Actor(ActorKind.SYSTEM, "system:command-line", "command line", frozenset(Permission))
