"""What an administrator does from the machine itself: operators and the audit log."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.actor import Role
from backend.audit.record import Criteria
from backend.bootstrap import Services
from backend.commands.actor import COMMAND_LINE
from backend.commands.answers import answer
from backend.commands.wired import wired
from backend.errors import NotFound

admin = typer.Typer(help="Operators: let in, end sessions, invite.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The operator's name.")]
Reason = Annotated[str, typer.Option(help="Why; 10 to 500 characters, kept in the audit log.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


@admin.command()
def unlock(name: Name, reason: Reason, json: Json = False) -> None:
    """Let a disabled operator sign in again."""
    with wired() as services:
        operator_id = _operator_id(services, name)
        services.accounts.enable(COMMAND_LINE, operator_id, reason)
    answer({"operator": operator_id, "enabled": True}, f"{name} may sign in again.", json=json)


@admin.command(name="end-sessions")
def end_sessions(name: Name, reason: Reason, json: Json = False) -> None:
    """End every session of an operator."""
    with wired() as services:
        operator_id = _operator_id(services, name)
        ended = services.accounts.end_sessions(COMMAND_LINE, operator_id, reason)
    answer({"operator": operator_id, "ended": ended}, f"{ended} session{'s' if ended != 1 else ''} of {name} ended.", json=json)


@admin.command(name="invite-code")
def invite_code(name: Name, role: Annotated[Role, typer.Argument()], reason: Reason, json: Json = False) -> None:
    """A code with which somebody becomes the operator NAME with that role."""
    with wired() as services:
        invitation = services.accounts.invite(COMMAND_LINE, name, role, reason)
    words = f"Type this code at /join of the console; it works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC:\n{invitation.code}"
    answer(invitation, words, json=json)


@admin.command(name="setup-code")
def setup_code(json: Json = False) -> None:
    """A new code for the first operator, while there is none."""
    with wired() as services:
        code = services.accounts.issue_setup_code()
    if code is None:
        raise NotFound("There is an operator already: use invite-code.")
    answer({"code": code}, f"Type this code at /setup of the console; it works once, for 30 minutes:\n{code}", json=json)


@audit.command()
def search(
    text: Annotated[str, typer.Argument(help="Words in the reason or the object; empty: all.")] = "",
    act: Annotated[str, typer.Option(help="One act, for example circuits.isolate.")] = "",
    actor: Annotated[str, typer.Option(help="Who acted, by name or id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    json: Json = False,
) -> None:
    """The newest records first."""
    with wired() as services:
        records = services.audit.search(COMMAND_LINE, Criteria(actor=actor or None, act=act or None, text=text or None), limit)
    lines = [
        f"{record.at:%Y-%m-%d %H:%M:%S} UTC  {record.actor_name}  {record.act}  {record.object_kind} {record.object_id}  {record.outcome}"
        for record in records
    ]
    answer({"records": records}, "\n".join(lines) or "No record fits.", json=json)


def _operator_id(services: Services, name: str) -> str:
    for operator in services.accounts.operators(COMMAND_LINE):
        if operator.name == name.strip().lower():
            return operator.id
    raise NotFound(f"There is no operator named {name}.")
