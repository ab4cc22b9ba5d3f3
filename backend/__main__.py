"""The command line: ``python -m backend COMMAND``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from backend.commands import administration, answers, breakers, charts, deploys, metrics, roles
from backend.errors import ServiceError
from backend.settings import ROOT, Settings

app = typer.Typer(
    name="backend",
    help="Astrolabe: an astrological chart API and the console that runs it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(administration.admin, name="admin")
app.add_typer(breakers.breakers, name="breakers")
app.add_typer(administration.audit, name="audit")
app.add_typer(charts.charts, name="charts")
app.add_typer(deploys.deploys, name="deploys")
app.add_typer(metrics.metrics, name="metrics")

Descriptor = Annotated[int | None, typer.Option(hidden=True, help="A listening socket inherited from `run`.")]
Port = Annotated[int | None, typer.Option(help="Listen here instead of at the setting's port.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


@app.command()
def run() -> None:
    """Start everything on this machine and keep it running."""
    from backend.run import run as run_everything

    raise typer.Exit(run_everything(Settings(), answers.say))


@app.command()
def demo() -> None:
    """The same in a state folder of its own, with a local geocoder and some minutes of traffic."""
    from backend.demo import run_demo

    raise typer.Exit(run_demo(Settings(), answers.say))


@app.command()
def api(fd: Descriptor = None, port: Port = None, ready_fd: Annotated[int | None, typer.Option(hidden=True)] = None) -> None:
    """One API process."""
    roles.serve_api(_settings(api_port=port), fd, ready_fd)


@app.command()
def worker() -> None:
    """One worker."""
    roles.work(Settings())


@app.command()
def console(fd: Descriptor = None, port: Port = None) -> None:
    """One console process."""
    roles.serve_console(_settings(console_port=port), fd)


@app.command()
def migrate(json: Json = False) -> None:
    """Bring the database to this version's schema and build the place index."""
    from backend.prepare import prepare_stores

    lines: list[str] = []
    prepare_stores(Settings(), lines.append if json else answers.say)
    answers.answer({"done": True, "steps": lines}, "Database and place index are ready.", json=json)


@app.command(hidden=True)
def prepare(answer_fd: Annotated[int, typer.Option()]) -> None:
    """What `run` has done in a process of its own before it starts the roles."""
    from backend.prepare import prepare_for_run

    prepare_for_run(Settings(), answers.say, answer_fd)


@app.command(name="demo-traffic", hidden=True)
def demo_traffic() -> None:
    """The demo's bounded requests."""
    from backend.demo import drive_traffic

    drive_traffic(Settings())


@app.command()
def doctor(json: Json = False) -> None:
    """Check settings and every store; say what is wrong and how to mend it."""
    from backend.doctor import examine

    findings = examine(Settings.of_running())
    sound = all(finding.ok for finding in findings)
    lines = [
        f"{'ok ' if finding.ok else 'BAD'}  {finding.name}: {finding.words}" + (f"\n     {finding.mend}" if finding.mend else "")
        for finding in findings
    ]
    answers.answer({"ok": sound, "findings": findings}, "\n".join(lines), json=json)
    raise typer.Exit(0 if sound else 1)


def _settings(**given: object) -> Settings:
    return Settings.model_validate({**Settings().model_dump(), **{name: value for name, value in given.items() if value is not None}})


def main() -> None:
    """Run a command; what goes wrong is a sentence on stderr and exit code 1."""
    try:
        app()
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            name = ".".join(str(part) for part in problem["loc"]).upper()
            print(f"ASTROLABE_{name}: {problem['msg']}. The settings are listed in {ROOT / '.env.example'}.", file=sys.stderr)
        sys.exit(1)
    except ServiceError as error:
        print(error.detail, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
