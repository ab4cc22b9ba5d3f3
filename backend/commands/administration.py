"""What an administrator does from the machine itself: operators, circuits, the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import typer

from backend.actor import Role
from backend.answer import Empty, Failed, Reading
from backend.audit.record import Criteria
from backend.bootstrap import Services, build
from backend.commands.actor import COMMAND_LINE
from backend.commands.answers import answer
from backend.errors import NotFound, StorageUnavailable
from backend.operations.overrides import CircuitView
from backend.settings import Settings

T = TypeVar("T")
admin = typer.Typer(help="Operators: let in, end sessions, invite.", no_args_is_help=True)
breakers = typer.Typer(help="Circuit breakers: list, show, isolate, release.", no_args_is_help=True)
audit = typer.Typer(help="The audit log.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The operator's name.")]
Circuit = Annotated[str, typer.Argument(help="The circuit's name, for example geocoder.")]
Reason = Annotated[str, typer.Option(help="Why; 10 to 500 characters, kept in the audit log.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


@admin.command()
def unlock(name: Name, reason: Reason, json: Json = False) -> None:
    """Let a disabled operator sign in again."""
    with _services() as services:
        operator_id = _operator_id(services, name)
        services.accounts.enable(COMMAND_LINE, operator_id, reason)
    answer({"operator": operator_id, "enabled": True}, f"{name} may sign in again.", json=json)


@admin.command(name="end-sessions")
def end_sessions(name: Name, reason: Reason, json: Json = False) -> None:
    """End every session of an operator."""
    with _services() as services:
        operator_id = _operator_id(services, name)
        ended = services.accounts.end_sessions(COMMAND_LINE, operator_id, reason)
    answer({"operator": operator_id, "ended": ended}, f"{ended} session{'s' if ended != 1 else ''} of {name} ended.", json=json)


@admin.command(name="invite-code")
def invite_code(name: Name, role: Annotated[Role, typer.Argument()], reason: Reason, json: Json = False) -> None:
    """A code with which somebody becomes the operator NAME with that role."""
    with _services() as services:
        invitation = services.accounts.invite(COMMAND_LINE, name, role, reason)
    words = f"Type this code at /join of the console; it works once, until {invitation.expires_at:%Y-%m-%d %H:%M} UTC:\n{invitation.code}"
    answer(invitation, words, json=json)


@admin.command(name="setup-code")
def setup_code(json: Json = False) -> None:
    """A new code for the first operator, while there is none."""
    with _services() as services:
        code = services.accounts.issue_setup_code()
    if code is None:
        raise NotFound("There is an operator already: use invite-code.")
    answer({"code": code}, f"Type this code at /setup of the console; it works once, for 30 minutes:\n{code}", json=json)


@breakers.command(name="list")
def list_circuits(json: Json = False) -> None:
    """Every circuit and its state."""
    with _services() as services:
        reading = services.circuits.circuits(COMMAND_LINE)
    views = _value(reading) or []
    lines = [
        f"{view.name}: {view.state}"
        + (f", isolated by {view.override.actor_name}" if view.override and view.override.kind == "isolated" else "")
        for view in views
    ]
    answer({"circuits": views}, "\n".join(lines) or "No dependency is configured.", json=json)


@breakers.command()
def show(circuit: Circuit, json: Json = False) -> None:
    """One circuit in full."""
    with _services() as services:
        view = _value(services.circuits.circuit(COMMAND_LINE, circuit))
    answer({"circuit": view}, "\n".join(_described(view)) if view else "Nothing is known of it yet.", json=json)


@breakers.command()
def isolate(
    circuit: Circuit, reason: Reason, minutes: Annotated[int, typer.Option(help="When it ends by itself.")] = 30, json: Json = False
) -> None:
    """Stop all calls of this dependency, in every process."""
    with _services() as services:
        override = services.circuits.isolate(COMMAND_LINE, circuit, reason, minutes)
    answer(override, f"{circuit} is isolated until {override.expires_at:%Y-%m-%d %H:%M:%S} UTC.", json=json)


@breakers.command()
def release(circuit: Circuit, reason: Reason, json: Json = False) -> None:
    """Let calls through again."""
    with _services() as services:
        override = services.circuits.release(COMMAND_LINE, circuit, reason)
    answer(override, f"{circuit} is released.", json=json)


@audit.command()
def search(
    text: Annotated[str, typer.Argument(help="Words in the reason or the object; empty: all.")] = "",
    act: Annotated[str, typer.Option(help="One act, for example circuits.isolate.")] = "",
    actor: Annotated[str, typer.Option(help="Who acted, by name or id.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    json: Json = False,
) -> None:
    """The newest records first."""
    with _services() as services:
        records = services.audit.search(COMMAND_LINE, Criteria(actor=actor or None, act=act or None, text=text or None), limit)
    lines = [
        f"{record.at:%Y-%m-%d %H:%M:%S} UTC  {record.actor_name}  {record.act}  {record.object_kind} {record.object_id}  {record.outcome}"
        for record in records
    ]
    answer({"records": records}, "\n".join(lines) or "No record fits.", json=json)


@contextmanager
def _services() -> Iterator[Services]:
    services = build(Settings.of_running(), "command line")
    try:
        yield services
    finally:
        services.close()


def _operator_id(services: Services, name: str) -> str:
    for operator in services.accounts.operators(COMMAND_LINE):
        if operator.name == name.strip().lower():
            return operator.id
    raise NotFound(f"There is no operator named {name}.")


def _described(view: CircuitView) -> list[str]:
    """One circuit for a reader; what is not known is not shown as a figure."""
    shares = (("failed", view.failed_ratio), ("slow", view.slow_ratio))
    known = [f"{share:.1%} {what}" for what, share in shares if share is not None]
    p95 = [] if view.p95_seconds is None else [f"p95 {view.p95_seconds * 1000:.0f} ms"]
    held = view.override if view.override and view.override.kind == "isolated" else None
    return [
        f"{view.title} ({view.name}) is {view.state.replace('_', '-')}"
        + (f" since {view.since:%Y-%m-%d %H:%M:%S} UTC." if view.since else "."),
        f"Calls in the last {view.window_seconds:.0f} s: {', '.join([str(view.calls), *known, *p95])}.",
        f"Isolated by {held.actor_name} until {held.expires_at:%Y-%m-%d %H:%M:%S} UTC: {held.reason}" if held else "Not isolated.",
        f"{view.applied[0]} of {view.applied[1]} processes have this.",
    ]


def _value(reading: Reading[T]) -> T | None:
    if isinstance(reading, Failed):
        raise StorageUnavailable(reading.source, f"This cannot be known now: {reading.why}")
    return None if isinstance(reading, Empty) else reading.value
