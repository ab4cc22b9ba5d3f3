"""Deploys from the command line: telling of one, and which there were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from backend.commands.actor import COMMAND_LINE
from backend.commands.answers import answer
from backend.commands.wired import wired
from backend.errors import InvalidRequest
from backend.operations.deploys.record import OWN_SERVICE, Deploy, NewDeploy

deploys = typer.Typer(help="Deploys: tell of one, list them. They are marks on the console's charts.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


@deploys.command()
def record(
    version: Annotated[str, typer.Argument(help="What was deployed, for example 4.2.1.")],
    deploy_id: Annotated[str, typer.Option("--id", help="Your own id, for example of the pipeline's run: told twice it is one deploy.")],
    service: Annotated[str, typer.Option(help="What was deployed of.")] = OWN_SERVICE,
    at: Annotated[str, typer.Option(help="When, as in 2026-11-24T14:02:00Z; else now.")] = "",
    note: Annotated[str, typer.Option(help="What is new, in one line.")] = "",
    link: Annotated[str, typer.Option(help="Where more is to be read: an https address.")] = "",
    json: Json = False,
) -> None:
    """Tell that a version was deployed."""
    told = NewDeploy(deploy_id, version, service, _instant(at), note, link)
    with wired() as services:
        deploy, is_new = services.deploys.record(COMMAND_LINE, told)
    answer({"deploy": deploy, "new": is_new}, _line(deploy) + ("" if is_new else "  (known already)"), json=json)


@deploys.command(name="list")
def list_deploys(limit: Annotated[int, typer.Option(min=1, max=500)] = 20, json: Json = False) -> None:
    """The newest first."""
    with wired() as services:
        found = services.deploys.newest(COMMAND_LINE, limit)
    answer({"deploys": found}, "\n".join(_line(one) for one in found) or "No deploy has been told of yet.", json=json)


def _line(deploy: Deploy) -> str:
    words = f"{deploy.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC  {deploy.service} {deploy.version}  {deploy.id}  by {deploy.actor_name}"
    return f"{words}  {deploy.note}" if deploy.note else words


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest.of("at", "not_a_time", "Give a time as in 2026-11-24T14:02:00Z.") from error
