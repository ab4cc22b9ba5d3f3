"""Charts from the command line, computed here without any store; only regression sets need the API and the database."""

from __future__ import annotations

import json as reading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from backend.clock import SystemClock
from backend.commands.answers import answer
from backend.commands.chart_words import lines
from backend.commands.regress import regress
from backend.errors import InvalidRequest
from backend.settings import Settings

if TYPE_CHECKING:  # the commands that start processes load no ephemeris
    from backend.charts.technique import Technique, Workbench

charts = typer.Typer(help="Charts, computed on this machine; regression sets.", no_args_is_help=True)
charts.command(name="regress")(regress)

Name = Annotated[str, typer.Argument(help="A technique: `natal`, or one of `charts list`.")]
File = Annotated[Path, typer.Argument(help="A file with the JSON object that the API would be sent; `-` reads the standard input.")]
Start = Annotated[str, typer.Option(help="YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, UTC; belongs to the range.")]
End = Annotated[str, typer.Option(help="The same; does not belong to the range.")]
Fields = Annotated[list[str] | None, typer.Option("--set", help="A further field, NAME=VALUE; the value is JSON, or a text.")]
Json = Annotated[bool, typer.Option("--json", help="Answer with the document of the API.")]


@charts.command(name="list")
def list_techniques(json: Json = False) -> None:
    """Every technique and what it is."""
    found = [{"name": each.name, "title": each.title, "summary": each.summary, "searches": each.searches} for each in _resources().values()]
    answer({"techniques": found}, "\n".join(f"{each['name']:16}{each['summary']}" for each in found), json=json)


@charts.command()
def compute(name: Name, file: File = Path("-"), json: Json = False) -> None:
    """One technique of one request."""
    _answer(_technique(name), _body(file), json=json)


@charts.command()
def transits(file: File, start: Start, end: End, fields: Fields = None, json: Json = False) -> None:
    """When bodies make exact aspects to the points of the natal chart that FILE asks for."""
    body = {"natal": _body(file), "start": start, "end": end, **_further(fields)}
    _answer(_technique("transits"), body, json=json)


@charts.command()
def search(name: Name, start: Start, end: End, fields: Fields = None, json: Json = False) -> None:
    """Events in a range of time: eclipses, stations, ingresses, lunations, void-of-course, rise-set, returns, ephemeris."""
    technique = _technique(name)
    if not technique.searches:
        raise InvalidRequest.of("name", "not_a_choice", f"{name} is no search; ask for it with `charts compute`")
    _answer(technique, {"start": start, "end": end, **_further(fields)}, json=json)


def _answer(technique: Technique[Any, Any], body: dict[str, Any], *, json: bool) -> None:
    request = technique.parse(body)
    with _workbench(Settings.of_running()) as bench:
        document = technique.document(technique.compute(request, bench))
    answer(document, "\n".join(lines(document)), json=json)


@contextmanager
def _workbench(settings: Settings) -> Iterator[Workbench]:
    """The engine of this process alone; places come from the offline index."""
    from backend.charts.engine.civil_time import ZoneFolder
    from backend.charts.engine.ephemeris import Ephemeris
    from backend.charts.service import ChartService, PlaceResolver
    from backend.integrations.place_service import PlaceService
    from backend.integrations.places import PlaceIndex

    clock, ephemeris = SystemClock(), Ephemeris(settings.ephemeris_dir)
    places = PlaceService(PlaceIndex(settings.place_index), None, None, clock)
    try:
        yield ChartService(ephemeris, ZoneFolder(settings.zoneinfo_dir), cast(PlaceResolver, places), clock)
    finally:
        ephemeris.close()


def _technique(name: str) -> Technique[Any, Any]:
    known = _resources()
    for resource, technique in known.items():
        if name in (resource, technique.name):
            return technique
    raise InvalidRequest.of("name", "not_a_choice", f"must be one of {', '.join(each.name for each in known.values())}")


def _resources() -> Mapping[str, Technique[Any, Any]]:
    from backend.charts.techniques import RESOURCES

    return RESOURCES


def _body(file: Path) -> dict[str, Any]:
    from backend.api import strict_json

    try:
        data = typer.get_binary_stream("stdin").read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidRequest.of("file", "not_readable", f"{file} cannot be read") from error
    return strict_json.parse(data)


def _further(fields: list[str] | None) -> dict[str, Any]:
    """What was given by ``--set``."""
    found: dict[str, Any] = {}
    for field in fields or []:
        name, equals, text = field.partition("=")
        if not equals or name in found:
            raise InvalidRequest.of("set", "bad_format", "must read NAME=VALUE, each name once")
        found[name] = _value(text)
    return found


def _value(text: str) -> Any:
    try:
        return reading.loads(text)
    except ValueError:
        return text
