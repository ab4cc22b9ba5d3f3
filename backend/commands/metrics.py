"""Metrics from the command line: the embedded server, and files for a Prometheus."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.commands import roles
from backend.settings import Settings

metrics = typer.Typer(help="Metrics: the embedded server, and what a Prometheus needs to do its work.", no_args_is_help=True)
Port = Annotated[int | None, typer.Option(help="Listen here instead of at the setting's port.")]


@metrics.command()
def serve(port: Port = None) -> None:
    """Prometheus's HTTP API over the embedded store, on loopback, until told to stop."""
    settings = Settings()
    roles.serve_metrics(settings if port is None else settings.model_copy(update={"metrics_port": port}))
