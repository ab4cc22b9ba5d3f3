"""A document of charts as lines to read; whoever wants all of it asks for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backend.charts.vocabulary import degrees_text

Document = Mapping[str, Any]
_UNSAID = frozenset({"kind", "degraded", "settings", "provenance", "svg"})
_UNSAID_COLUMNS = frozenset(
    {"julian_day_tt", "right_ascension_degrees", "distance_au", "latitude_degrees", "separation_degrees", "source", "chart"}
)
_POSITION = ("longitude_degrees", "sign", "degrees_in_sign")


def lines(document: Document) -> list[str]:
    """Its parts in their order, rows of equal things as tables."""
    found = [_said(str(document["kind"])).capitalize()]
    found += [f"Less than it could be: {each['detail']} ({each['what']}: {each['why']})" for each in document["degraded"]]
    for name, value in document.items():
        if name not in _UNSAID:
            found += _part(name, value)
    return found


def _part(name: str, value: Any) -> list[str]:
    if value is None or (not value and isinstance(value, Mapping | list)):
        return []
    if isinstance(value, list) and isinstance(value[0], Mapping):
        return ["", f"{_said(name)}:", *_table(value)]
    if isinstance(value, Mapping):
        return _object(name, value)
    return [f"{_said(name)}: {_cell(value)}"]


def _object(name: str, value: Document) -> list[str]:
    if "kind" in value:
        return [f"{_said(name)}: {value['moment']['local']}, {_scalars(value['place'])}"]
    if "cusps" in value:
        return ["", f"{_said(name)}: {_scalars(value)}", *_table(value["cusps"])]
    if all(isinstance(each, Mapping) for each in value.values()):
        return ["", f"{_said(name)}:", *_table([{name: _said(key), **each} for key, each in value.items()])]
    return [f"{_said(name)}: {_scalars(value)}"]


def _scalars(value: Document) -> str:
    told = {key: _cell(each) for key, each in value.items() if not isinstance(each, Mapping | list)}
    return ", ".join(f"{_said(key)} {each}" for key, each in told.items() if each)


def _table(rows: Sequence[Document]) -> list[str]:
    """Columns that say something in any row, each as wide as its widest cell."""
    read = [_row(row) for row in rows]
    names = [name for name in dict.fromkeys(name for row in read for name in row) if any(row.get(name) for row in read)]
    widths = {name: max(len(name), *(len(row.get(name, "")) for row in read)) for name in names}
    return [
        _line(name.ljust(widths[name]) for name in names),
        *[_line(row.get(name, "").ljust(widths[name]) for name in names) for row in read],
    ]


def _line(cells: Iterable[str]) -> str:
    return f"  {'  '.join(cells)}".rstrip()


def _row(row: Document) -> dict[str, str]:
    position = all(name in row for name in _POSITION)
    found: dict[str, str] = {}
    for name, value in row.items():
        if position and name in _POSITION:
            found["position"] = f"{degrees_text(row['degrees_in_sign'])} {row['sign']}"
        elif name not in _UNSAID_COLUMNS:
            found[_said(name)] = _cell(value)
    return found


def _cell(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if isinstance(value, Mapping):
        return str(value["utc"]) if "utc" in value else " ".join(map(_cell, value.values()))
    if isinstance(value, list | tuple):
        return ", ".join(map(_cell, value))
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _said(name: str) -> str:
    return name.removesuffix("_degrees").replace("_", " ")
