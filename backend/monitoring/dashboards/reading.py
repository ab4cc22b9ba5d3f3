"""Dashboard files: YAML under a strict schema, every fault naming its file and field."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from backend.errors import InvalidRequest
from backend.monitoring.dashboards.fields import Fields, fault, read_object
from backend.monitoring.dashboards.record import KINDS, STYLES, TONES, UNITS, Dashboard, Link, Meaning, Panel, Query, Threshold, Variable
from backend.monitoring.dashboards.templating import names_in
from backend.monitoring.strict_yaml import loaded

FILES = Path(__file__).parent / "files"
_NAME, _LABEL = r"[a-z][a-z0-9_]{0,39}", r"[a-zA-Z_][a-zA-Z0-9_]*"
_METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_PAGES = ("logs", "requests", "audit", "breakers", "traffic", "health", "explorer")
_STATE_KINDS = ("ok", "bad", "watch", "pending", "held", "bypassed", "neutral", "info")


@cache
def shipped() -> Mapping[str, Dashboard]:
    """Those that come with the product, read once."""
    return MappingProxyType(dashboards(FILES))


def dashboards(folder: Path) -> dict[str, Dashboard]:
    """All of a folder, by name, in their order."""
    found = [dashboard(file.read_text("utf-8"), file.name) for file in sorted(folder.glob("*.yaml"))]
    return {one.name: one for one in sorted(found, key=lambda one: (one.order, one.name))}


def dashboard(text: str, file_name: str = "dashboard.yaml") -> Dashboard:
    """One file. InvalidRequest says 'service.yaml: panels[3].queries[0].expr: this is missing'."""
    try:
        found = read_object(_dashboard, loaded(text))
        _check(found)
    except ValueError as error:
        raise InvalidRequest(detail=f"{file_name}: {error}") from error
    except InvalidRequest as error:
        raise InvalidRequest(*error.problems, detail=f"{file_name}: {error.detail}") from error
    return found


def _dashboard(fields: Fields) -> Dashboard:
    return Dashboard(
        name=fields.text("name", form=_NAME),
        title=fields.text("title", longest=60),
        about=fields.text("about", longest=400),
        panels=fields.each("panels", _panel, least=1),
        variables=fields.each("variables", _variable),
        refresh_seconds=fields.whole("refresh_seconds", 30, 30, 60),
        order=fields.whole("order", 0, 0, 1000),
    )


def _panel(fields: Fields) -> Panel:
    return Panel(
        id=fields.text("id", form=_NAME),
        title=fields.text("title", longest=60),
        kind=fields.choice("kind", KINDS),
        queries=fields.each("queries", _query, least=1),
        unit=fields.choice("unit", UNITS, "none"),
        about=fields.text("about", "", longest=400),
        note=fields.text("note", "", longest=80),
        threshold=fields.inner("threshold", _threshold),
        previous=fields.truth("previous", False),
        bottom=fields.number("bottom", 0.0),
        top=fields.number("top", None),
        rows=fields.text("rows", "", form=_LABEL),
        state_label=fields.text("state_label", "", form=_LABEL),
        meanings=_meanings(fields),
        links=fields.each("links", _link),
    )


def _query(fields: Fields) -> Query:
    return Query(
        expr=fields.text("expr", longest=4000),
        legend=fields.text("legend", "", longest=80),
        style=fields.choice("style", STYLES, "bold"),
        tone=fields.choice("tone", TONES, ""),
        unit=fields.choice("unit", UNITS, ""),
        threshold=fields.inner("threshold", _threshold),
    )


def _variable(fields: Fields) -> Variable:
    return Variable(
        name=fields.text("name", form=_NAME),
        title=fields.text("title", longest=40),
        label=fields.text("label", form=_LABEL),
        metric=fields.text("metric", form=_METRIC),
        multi=fields.truth("multi", True),
    )


def _threshold(fields: Fields) -> Threshold:
    return Threshold(fields.number("watch"), fields.number("bad", None), fields.choice("worse", ("above", "below"), "above"))


def _link(fields: Fields) -> Link:
    params: dict[str, str] = {}
    for name, value, path in fields.members("params"):
        if not isinstance(value, str):
            raise fault(path, "this must be text")
        params[name] = value
    return Link(fields.text("title", longest=40), fields.choice("page", _PAGES), params)


def _meanings(fields: Fields) -> Mapping[str, Meaning]:
    found = {}
    for name, value, path in fields.members("meanings"):
        inner = Fields(value, path)
        found[name] = Meaning(inner.choice("kind", _STATE_KINDS), inner.text("word", longest=40))
        inner.finish()
    return found


def _check(found: Dashboard) -> None:
    """What no field can know of alone."""
    _check_unique([panel.id for panel in found.panels], "panels", "id")
    _check_unique([variable.name for variable in found.variables], "variables", "name")
    known = {variable.name for variable in found.variables}
    for place, panel in enumerate(found.panels):
        for number, query in enumerate(panel.queries):
            for name in names_in(query.expr) - known:
                raise fault(f"panels[{place}].queries[{number}].expr", f"there is no variable ${name}")
        _check_panel(panel, f"panels[{place}]")
        for number, link in enumerate(panel.links):
            for name in set().union(*(names_in(value) for value in link.params.values())) - known:
                raise fault(f"panels[{place}].links[{number}].params", f"there is no variable ${name}")


def _check_panel(panel: Panel, path: str) -> None:
    if panel.kind in {"table", "states"} and not panel.rows:
        raise fault(f"{path}.rows", f"a panel of the kind '{panel.kind}' names the label that its rows are of")
    if panel.kind == "states" and not panel.meanings:
        raise fault(f"{path}.meanings", "a panel of the kind 'states' says what each state means")
    if panel.kind in {"heat", "states", "stat"} and len(panel.queries) != 1:
        raise fault(f"{path}.queries", f"a panel of the kind '{panel.kind}' has one query")
    if panel.queries[0].style == "band":
        raise fault(f"{path}.queries[0].style", "the first curve has none before it to fill down to")


def _check_unique(names: list[str], path: str, field: str) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise fault(f"{path}[{place}].{field}", f"'{name}' stands here twice")
