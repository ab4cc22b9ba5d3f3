"""label_replace, label_join and the orders of an instant vector."""

from __future__ import annotations

import re
from functools import cmp_to_key
from typing import Any

import numpy as np
import re2

from backend.errors import QueryProblem
from backend.monitoring.promql.labels import NAME, Labels, quiet
from backend.monitoring.promql.samples import Grid, Values
from backend.monitoring.promql.series import flags, merged, rows_in_order

_REFERENCE = re.compile(r"\$(?:\$|(?P<plain>[A-Za-z0-9_]+)|\{(?P<braced>[A-Za-z0-9_]+)\})")
_CHUNK = re.compile(r"([0-9]+)")


def replaced(grid: Grid, target: str, template: str, source: str, pattern: str) -> Grid:
    """``target`` set to ``template`` where the whole of ``source`` matches; other series stay as they are."""
    try:
        expression = re2.compile(f"(?s:{pattern})", quiet())
    except re2.error as error:
        raise QueryProblem("execution", f"invalid regular expression in label_replace(): {pattern}") from error
    _check_name(target, "invalid destination label name in label_replace(): ")
    labels, changed = [], np.zeros(len(grid.labels), dtype=bool)
    for index, series in enumerate(grid.labels):
        match = expression.fullmatch(dict(series).get(source, ""))
        changed[index] = match is not None
        labels.append(series if match is None else _with(series, target, _expanded(template, match)))
    return _relabelled(grid, labels, target, changed)


def label_joined(grid: Grid, target: str, separator: str, *sources: str) -> Grid:
    for source in sources:
        _check_name(source, "invalid source label name in label_join(): ")
    _check_name(target, "invalid destination label name in label_join(): ")
    found = [dict(series) for series in grid.labels]
    labels = [
        _with(series, target, separator.join(values.get(source, "") for source in sources))
        for series, values in zip(grid.labels, found, strict=True)
    ]
    return _relabelled(grid, labels, target, np.ones(len(labels), dtype=bool))


def _check_name(name: str, problem: str) -> None:
    if not name or any("\ud800" <= character <= "\udfff" for character in name):
        raise QueryProblem("execution", problem + name.encode("utf-8", "backslashreplace").decode())


def _with(series: Labels, name: str, value: str) -> Labels:
    kept = dict(series)
    if value:
        kept[name] = value
    else:
        kept.pop(name, None)
    return tuple(sorted(kept.items()))


def _relabelled(grid: Grid, labels: list[Labels], target: str, changed: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Grid:
    unnamed = flags(grid)
    return merged(Grid(labels, grid.values, grid.present, unnamed & ~changed if target == NAME else unnamed))


def _expanded(template: str, match: re2._Match[str]) -> str:
    """``$1``, ``${name}`` and ``$$``; a group that is not there is empty, any other ``$`` stays."""
    groups = {str(number): value for number, value in enumerate((match.group(0), *match.groups()))}
    groups |= match.groupdict()

    def value(reference: re.Match[str]) -> str:
        name = reference["plain"] or reference["braced"]
        return "$" if name is None else groups.get(name) or ""

    return _REFERENCE.sub(value, template)


def by_value(grid: Grid) -> Grid:
    return rows_in_order(grid, np.argsort(_first_values(grid), kind="stable"))


def by_value_descending(grid: Grid) -> Grid:
    return rows_in_order(grid, np.argsort(-_first_values(grid), kind="stable"))


def _first_values(grid: Grid) -> Values:
    return grid.values[:, 0]


def by_labels(grid: Grid, *names: str) -> Grid:
    """By these labels, numbers in them by size, then by all."""
    return rows_in_order(grid, np.array(_by_labels(grid, names), dtype=np.intp))


def by_labels_descending(grid: Grid, *names: str) -> Grid:
    return rows_in_order(grid, np.array(_by_labels(grid, names)[::-1], dtype=np.intp))


def _by_labels(grid: Grid, names: tuple[str, ...]) -> list[int]:
    written = [dict(labels) for labels in grid.labels]

    def compare(one: int, other: int) -> int:
        for name in names:
            order = _natural_order(written[one].get(name, ""), written[other].get(name, ""))
            if order:
                return order
        return _order(grid.labels[one], grid.labels[other])

    return sorted(range(len(grid.labels)), key=cmp_to_key(compare))


def _natural_order(one: str, other: str) -> int:
    """Piece by piece: digits against digits as numbers, all else as text."""
    if one == other:
        return 0
    pieces, others = _chunks(one), _chunks(other)
    for piece, against in zip(pieces, others, strict=False):
        both = piece.isdecimal() and against.isdecimal()
        order = _order(int(piece), int(against)) if both else _order(piece, against)
        if order:
            return order
    return _order(len(pieces), len(others)) or _order(one, other)


def _chunks(text: str) -> list[str]:
    return [chunk for chunk in _CHUNK.split(text) if chunk]


def _order(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)
