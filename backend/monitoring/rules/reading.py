"""A rule file, read as strictly as Prometheus reads it (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/).

Every problem of a file is told, by the path of its field. Alert rules are checked as much as recording rules are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backend.errors import FieldProblem, InvalidRequest, QueryProblem
from backend.monitoring.durations import milliseconds_of
from backend.monitoring.promql.nodes import type_of
from backend.monitoring.promql.parsing import parse
from backend.monitoring.rules.records import DEFAULT_INTERVAL_SECONDS, AlertRule, RecordingRule, Rule, RuleGroup
from backend.monitoring.strict_yaml import loaded

_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_GROUP_FIELDS = frozenset({"name", "interval", "query_offset", "limit", "labels", "rules"})
_RECORDING_FIELDS = frozenset({"record", "expr", "labels"})
_ALERT_FIELDS = frozenset({"alert", "expr", "for", "keep_firing_for", "labels", "annotations"})


def read_folder(folder: Path) -> tuple[list[RuleGroup], list[FieldProblem]]:
    """The groups of all ``*.yml`` and ``*.yaml`` in the folder, by file; of a file with a problem none, but the problem."""
    groups: list[RuleGroup] = []
    problems: list[FieldProblem] = []
    for path in sorted((*folder.glob("*.yml"), *folder.glob("*.yaml"))):
        try:
            groups += read_rules(path.read_text("utf-8"), path.name)
        except InvalidRequest as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(FieldProblem(path.name, "unreadable", f"the file cannot be read ({type(error).__name__})"))
    return groups, problems


def read_rules(text: str, file: str) -> list[RuleGroup]:
    """The groups of one file. InvalidRequest names each wrong field as ``file: groups[0].rules[1].expr``."""
    reader = _Reader(file)
    try:
        document = loaded(text)
    except ValueError as error:
        reader.problem("", "not_yaml", str(error))
        document = {}
    groups = reader.groups({} if document is None else document)
    if reader.problems:
        raise InvalidRequest(*reader.problems)
    return groups


class _Reader:
    """Goes through one document and gathers what is wrong."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.problems: list[FieldProblem] = []

    def problem(self, path: str, code: str, detail: str) -> None:
        self.problems.append(FieldProblem(f"{self._file}: {path}" if path else self._file, code, detail))

    def groups(self, document: Any) -> list[RuleGroup]:
        found, names = [], set()
        for path, group in self._objects(self._object("", document, frozenset({"groups"})).get("groups"), "groups"):
            read = self._group(path, self._object(path, group, _GROUP_FIELDS))
            if read.name in names:
                self.problem(f"{path}.name", "twice", f"the group '{read.name}' stands twice in this file")
            names.add(read.name)
            found.append(read)
        return found

    def _group(self, path: str, given: Mapping[str, Any]) -> RuleGroup:
        rules = [self._rule(where, rule) for where, rule in self._objects(given.get("rules"), f"{path}.rules")]
        limit = given.get("limit", 0)
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
            self.problem(f"{path}.limit", "not_a_count", "must be a whole number, 0 or more")
            limit = 0
        return RuleGroup(
            name=self._text(f"{path}.name", given.get("name"), _is_text, "must be a text"),
            file=self._file,
            rules=tuple(rule for rule in rules if rule is not None),
            interval_seconds=self._seconds(f"{path}.interval", given.get("interval")) or DEFAULT_INTERVAL_SECONDS,
            limit=limit,
            offset_seconds=self._seconds(f"{path}.query_offset", given.get("query_offset")),
            labels=self._labels(f"{path}.labels", given.get("labels")),
        )

    def _rule(self, path: str, given: Any) -> Rule | None:
        if not isinstance(given, dict) or ("record" in given) == ("alert" in given):
            self.problem(path, "not_a_rule", "must have one of 'record' and 'alert'")
            return None
        if "record" in given:
            self._object(path, given, _RECORDING_FIELDS)
            name = self._text(f"{path}.record", given.get("record"), _METRIC.fullmatch, "must be a metric's name")
            return RecordingRule(name, self._expr(path, given), self._labels(f"{path}.labels", given.get("labels")))
        self._object(path, given, _ALERT_FIELDS)
        return AlertRule(
            self._text(f"{path}.alert", given.get("alert"), _is_text, "must be a text"),
            self._expr(path, given),
            self._seconds(f"{path}.for", given.get("for")),
            self._seconds(f"{path}.keep_firing_for", given.get("keep_firing_for")),
            self._labels(f"{path}.labels", given.get("labels"), templates=True),
            self._labels(f"{path}.annotations", given.get("annotations"), templates=True),
        )

    def _expr(self, path: str, given: Mapping[str, Any]) -> str:
        value = given.get("expr")
        text = str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        text = self._text(f"{path}.expr", text, _is_text, "must be a query")
        if text:
            try:
                kind = type_of(parse(text))
            except QueryProblem as error:
                self.problem(f"{path}.expr", "not_a_query", error.detail)
            else:
                if kind not in ("scalar", "vector"):
                    self.problem(f"{path}.expr", "not_a_vector", f"must answer a vector or a scalar, not a {kind}")
        return text

    def _labels(self, path: str, given: Any, *, templates: bool = False) -> dict[str, str]:
        if given is None:
            return {}
        found = self._object(path, given)
        for name, value in found.items():
            if not isinstance(name, str) or not _LABEL.fullmatch(name) or name == "__name__":
                self.problem(f"{path}.{name}", "not_a_label", "is no name that a label may have here")
            elif not isinstance(value, str):
                self.problem(f"{path}.{name}", "not_a_text", "must be a text")
            elif templates and not _closes(value):
                self.problem(f"{path}.{name}", "not_a_template", "'{{' and '}}' do not match")
        return {str(name): str(value) for name, value in found.items()}

    def _seconds(self, path: str, given: Any) -> float:
        if given is None:
            return 0.0
        found = milliseconds_of(str(given)) if isinstance(given, str) or given == 0 else None
        if found is None:
            self.problem(path, "not_a_duration", "must be a duration, for example 1m30s")
            return 0.0
        return found / 1000

    def _text(self, path: str, given: Any, fits: Callable[[str], object], why: str) -> str:
        if not isinstance(given, str) or not fits(given):
            self.problem(path, "missing" if given in (None, "") else "not_this_form", why)
            return ""
        return given

    def _object(self, path: str, given: Any, fields: frozenset[str] | None = None) -> dict[str, Any]:
        if not isinstance(given, dict):
            self.problem(path, "not_an_object", "must be an object of fields")
            return {}
        for name in () if fields is None else given.keys() - fields:
            self.problem(f"{path}.{name}".lstrip("."), "unknown_field", "there is no field of this name here")
        return given

    def _objects(self, given: Any, path: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(given, (list, type(None))):
            self.problem(path, "not_a_list", "must be a list")
            return
        yield from ((f"{path}[{number}]", item) for number, item in enumerate(given or ()))


def _is_text(text: str) -> bool:
    return bool(text.strip())


def _closes(template: str) -> bool:
    """Whether each ``{{`` has its ``}}``."""
    depth = 0
    for mark in re.findall(r"\{\{|\}\}", template):
        depth += 1 if mark == "{{" else -1
        if depth not in (0, 1):
            return False
    return depth == 0
