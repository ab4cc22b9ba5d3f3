"""Rules with their state as Prometheus's HTTP API tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.monitoring.rules.reading import read_folder
from backend.monitoring.rules.records import AlertRule, RecordingRule, Rule, RuleGroup
from backend.monitoring.rules.state import GroupState, RuleState, StateFile

NEVER = "0001-01-01T00:00:00Z"


@dataclass(frozen=True)
class Wanted:
    """Which rules are asked for; an empty one is all. ``kind`` 'alert' or 'record'."""

    kind: str = ""
    names: Sequence[str] = ()
    groups: Sequence[str] = ()
    files: Sequence[str] = ()

    def has_group(self, group: RuleGroup) -> bool:
        return (not self.groups or group.name in self.groups) and (not self.files or group.file in self.files)

    def has(self, rule: Rule) -> bool:
        kind = "alert" if isinstance(rule, AlertRule) else "record"
        return self.kind in ("", kind) and (not self.names or rule.name in self.names)


class RuleDesk:
    """Reads files and state anew each time it is asked: both are small, and another process writes them."""

    def __init__(self, folder: Path, state: Path) -> None:
        self._folder = folder
        self._state = state

    def rules(self, wanted: Wanted) -> tuple[dict[str, Any], list[str]]:
        """The ``data`` of ``/api/v1/rules``, and what is wrong with the files, in sentences."""
        groups, problems = read_folder(self._folder)
        states = StateFile.at(self._state).groups
        found = [_group(group, states.get(group.key), wanted) for group in groups if wanted.has_group(group)]
        narrowed = bool(wanted.kind or wanted.names)
        return {"groups": [one for one in found if one["rules"] or not narrowed]}, [f"{one.field}: {one.detail}" for one in problems]

    def alerts(self) -> dict[str, Any]:
        """The ``data`` of ``/api/v1/alerts``. Alert rules are read and checked; none is evaluated here, so none is active."""
        return {"alerts": []}


def _group(group: RuleGroup, state: GroupState | None, wanted: Wanted) -> dict[str, Any]:
    return {
        "name": group.name,
        "file": group.file,
        "interval": group.interval_seconds,
        "limit": group.limit,
        "evaluationTime": 0.0 if state is None else state.seconds,
        "lastEvaluation": _at(state),
        "rules": [
            _rule(rule, state.of(rule.name, rule.expr, position) if state else None)
            for position, rule in enumerate(group.rules)
            if wanted.has(rule)
        ],
    }


def _rule(rule: Rule, state: RuleState | None) -> dict[str, Any]:
    health = "unknown" if state is None or not state.at else "err" if state.error else "ok"
    document: dict[str, Any] = {
        "name": rule.name,
        "query": rule.expr,
        "labels": dict(rule.labels),
        "health": health,
        "evaluationTime": 0.0 if state is None else state.seconds,
        "lastEvaluation": _at(state),
    }
    if state is not None and state.error:
        document["lastError"] = state.error
    if isinstance(rule, RecordingRule):
        return {**document, "type": "recording"}
    told = {"duration": rule.for_seconds, "keepFiringFor": rule.keep_firing_seconds, "annotations": dict(rule.annotations)}
    return {**document, **told, "alerts": [], "state": "unknown", "type": "alerting"}


def _at(state: GroupState | RuleState | None) -> str:
    if state is None or not state.at:
        return NEVER
    return datetime.fromtimestamp(state.at / 1000, UTC).isoformat().replace("+00:00", "Z")
