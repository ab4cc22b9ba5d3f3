"""Any answer as tables: every list and group of a document by its name, raw for files, and written for people."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.charts.vocabulary import BODY_TITLES, LOT_TITLES, SIGNS, degrees_text
from components import markup
from components.views.playground_fields import found
from components.wording import say

Record = dict[str, Any]
_LEFT_OUT = frozenset({"kind", "degraded", "provenance", "name", "svg", "alternative"})
_FIGURES, _OF_BODIES = "figures", "of each body."
_ABBREVIATION = re.compile(r"(?i)\b(utc|tt|ut1|mc|ic)\b")
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")
_TITLES = {str(one.value): title for titles in (BODY_TITLES, LOT_TITLES) for one, title in titles.items()}
_ASKED = frozenset({"Settings", "Range", "Place", "Moment", "Figures"})  # what was asked for stands behind what was found
_UNITS = {
    "_degrees": "°", "_degrees_per_day": "° a day", "_arcseconds": "″", "_seconds": "s", "_metres": "m", "_au": "au", "_days": "days",
    "_minutes": "min", "_years": "years", "_km": "km",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One table of a document: its title, and its rows with raw values."""

    title: str
    records: tuple[Record, ...]

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows as markdown cells, a place in the zodiac in one cell."""
        columns = list(dict.fromkeys(name for record in self.records for name in record))
        said = [name for name in columns if any(record.get(name) is not None for record in self.records)]
        shown = [name for name in said or columns if not _is_told_elsewhere(name, columns)]
        return [{heading(name): cell(name, record.get(name), record) for name in shown} for record in self.records]


def sheets(document: Mapping[str, Any], left_out: frozenset[str] = frozenset()) -> list[Sheet]:
    """Every list and group of the document, in its order; loose values stand in one table of their own."""
    made, figures = [], []
    for name, value in document.items():
        if name in _LEFT_OUT or name in left_out:
            continue
        if isinstance(value, Mapping | list) and value:
            made += list(_sheets(name, value))
        elif not isinstance(value, Mapping | list):
            figures.append({"name": name, "value": value})
    if figures:
        made.append(Sheet(_title(_FIGURES), tuple(figures)))
    return sorted(made, key=lambda sheet: sheet.title in _ASKED)


def _sheets(path: str, value: Any) -> Iterator[Sheet]:
    if isinstance(value, list):
        yield Sheet(_title(path), tuple(_flat(one) if isinstance(one, Mapping) else {"value": one} for one in value))
        return
    lists = {name: inner for name, inner in value.items() if isinstance(inner, list) and inner and isinstance(inner[0], Mapping)}
    groups = {name: inner for name, inner in value.items() if isinstance(inner, Mapping) and name not in lists and _is_group(inner)}
    rest = {name: inner for name, inner in value.items() if name not in lists and name not in groups}
    objects = {name: inner for name, inner in rest.items() if isinstance(inner, Mapping)}
    if len(objects) > 1 and len(objects) == len(rest):
        yield Sheet(_title(path), tuple({"name": name, **_flat(inner)} for name, inner in objects.items()))
    elif rest:
        yield Sheet(_title(path), tuple({"name": name, "value": one} for name, one in _flat(rest).items()))
    for name, inner in (groups | lists).items():
        yield from _sheets(f"{path}.{name}", inner)


def _is_group(value: Mapping[str, Any]) -> bool:
    """Whether it holds tables of its own."""
    return any(isinstance(inner, list) and inner and isinstance(inner[0], Mapping) for inner in value.values())


def _flat(record: Mapping[str, Any], before: str = "") -> Record:
    flat: Record = {}
    for name, value in record.items():
        path = f"{before}{name}"
        if is_chart(value):  # it has tables of its own
            continue
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{path}.")
        elif isinstance(value, list) and value and all(isinstance(one, Mapping) and "body" in one for one in value):
            flat |= _flat({str(one["body"]): {key: inner for key, inner in one.items() if key != "body"} for one in value}, _OF_BODIES)
        elif isinstance(value, list):
            flat[path] = "; ".join(_listed(one) for one in value)
        else:
            flat[path] = value
    return flat


def _listed(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(one) for one in value.values() if not isinstance(one, Mapping | list))
    return str(value)


def _title(path: str) -> str:
    words = path.replace(".", ": ").replace("_", " ").capitalize()
    return _ABBREVIATION.sub(lambda found: found[0].upper(), words)


def heading(name: str) -> str:
    """A column's heading with its unit: 'orb_degrees' is 'Orb °'."""
    if name.startswith(_OF_BODIES):
        name = name.removeprefix(_OF_BODIES).rpartition(".")[0]
    for suffix, unit in sorted(_UNITS.items(), key=lambda one: -len(one[0])):
        if name.endswith(suffix):
            return f"{_title(name.removesuffix(suffix))} {unit}"
    return _title(name)


def _is_told_elsewhere(name: str, columns: Sequence[str]) -> bool:
    """Sign and degrees in it stand in the longitude's cell; an instant stands there in UTC, a file has the Julian day too."""
    before, _, last = name.rpartition(".")
    inner = f"{before}." if before else ""
    if name.startswith(_OF_BODIES):  # many columns for each body: its place alone is shown, a file has all
        return last != "longitude_degrees"
    if last.startswith("julian_day"):
        return any(one.rpartition(".")[2] == "utc" for one in columns)
    return last in ("sign", "degrees_in_sign") and f"{inner}longitude_degrees" in columns


def cell(name: str, value: Any, record: Mapping[str, Any]) -> str:
    """A value as a markdown cell."""
    before = name.rpartition(".")[0]
    inner = f"{before}." if before else ""
    sign, degrees = record.get(f"{inner}sign"), record.get(f"{inner}degrees_in_sign")
    if name.startswith(_OF_BODIES) and isinstance(value, float):
        return f"{degrees_text(value % 30).rpartition(' ')[0]} {str(SIGNS[int(value // 30) % 12])[:3].capitalize()}".replace(" ", "\u00a0")
    if name == f"{inner}longitude_degrees" and sign and isinstance(degrees, int | float):
        return f"{degrees_text(degrees)} {str(sign).capitalize()}"
    return _written(name, value)


def _written(name: str, value: Any) -> str:
    match value:
        case None | "":
            return say("playground.no_data")
        case bool():
            return "yes" if value else "no"
        case float():
            digits = 6 if "julian_day" in name else 4
            return f"{value:.{digits}f}".replace("-", "−")
        case int():
            return str(value).replace("-", "−")
        case _:
            return _TITLES.get(str(value)) or _words(str(value))


def _words(value: str) -> str:
    """An instant in one line, a name without underscores."""
    if value.endswith("Z") and value[-2:-1].isdigit():
        return markup.text(value.removesuffix("Z").replace("T", " ").replace("-", "\u2011")).replace(" ", "\u00a0")
    return markup.text(value.replace("_", " "))


def csv_of(sheet: Sheet) -> str:
    """The table for a spreadsheet: raw values, and no cell that a spreadsheet would run."""
    columns = list(dict.fromkeys(name for record in sheet.records for name in record))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in columns])
    writer.writerows([[harmless(record.get(name)) for name in columns] for record in sheet.records])
    return out.getvalue()


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front; numbers stay numbers."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN) else value


def all_sheets(document: Mapping[str, Any]) -> list[Sheet]:
    """The document's tables with those of the charts within it, for files."""
    made = []
    for sheet_name, inner in document.items():
        if is_chart(inner):
            made += [Sheet(f"{_title(sheet_name)}: {sheet.title.lower()}", sheet.records) for sheet in sheets(inner)]
    return [*sheets(document, frozenset(name for name, inner in document.items() if is_chart(inner))), *made]


def is_chart(value: Any) -> bool:
    """Whether a part of a document is a chart that can be drawn and listed as one."""
    return isinstance(value, Mapping) and isinstance(found(value, "bodies"), list)
