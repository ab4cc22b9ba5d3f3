"""Metrics from the command line: the embedded server, and files for a Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from backend.commands import roles
from backend.commands.answers import say
from backend.errors import InvalidRequest, NotFound
from backend.monitoring.dashboards.grafana import grafana
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.rules.export import Scraped, rules_text, scrape_text
from backend.monitoring.rules.reading import read_folder
from backend.settings import Settings

metrics = typer.Typer(help="Metrics: the embedded server, and what a Prometheus needs to do its work.", no_args_is_help=True)
export = typer.Typer(help="Files for a Prometheus and for Grafana, printed.", no_args_is_help=True)
metrics.add_typer(export, name="export")
Port = Annotated[int | None, typer.Option(help="Listen here instead of at the setting's port.")]


@metrics.command()
def serve(port: Port = None) -> None:
    """Prometheus's HTTP API over the embedded store, on loopback, until told to stop."""
    settings = Settings()
    roles.serve_metrics(settings if port is None else settings.model_copy(update={"metrics_port": port}))


@export.command(name="scrape-config")
def scrape_config() -> None:
    """Prometheus's configuration: where our processes are read."""
    settings = Settings.of_running()
    api = settings.api_base.partition("://")[2].partition("/")[0]
    scraped = Scraped(settings.target_file, settings.metrics_scrape_seconds, api, settings.api_base.startswith("https:"))
    say(scrape_text(scraped).rstrip("\n"))


@export.command(name="grafana")
def export_grafana(
    name: Annotated[str, typer.Argument(help="A dashboard, for example service.")] = "service",
    to: Annotated[Path | None, typer.Option(help="Write all dashboards into this folder instead.")] = None,
) -> None:
    """Dashboards as Grafana imports them; they ask for the Prometheus to read when they are opened."""
    found = {board.name: orjson.dumps(grafana(board), option=orjson.OPT_INDENT_2) for board in shipped().values()}
    if to is None:
        if name not in found:
            raise NotFound(f"There is no dashboard of this name; there are {', '.join(found)}.")
        say(found[name].decode())
        return
    to.mkdir(parents=True, exist_ok=True)
    for one, text in found.items():
        (to / f"astrolabe-{one}.json").write_bytes(text)
    say(f"{len(found)} dashboards are in {to}.")


@export.command()
def rules() -> None:
    """The rules of the rule files in one, as Prometheus takes them; exit code 1 where one of them is wrong."""
    groups, problems = read_folder(Settings.of_running().metrics_rules_dir)
    if problems:
        raise InvalidRequest(*problems)
    say(rules_text(groups).rstrip("\n"))
