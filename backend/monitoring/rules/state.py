"""What became of each rule the last time: kept in one small file, so that it survives a restart and another process can tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from backend.monitoring.promql.labels import Labels


@dataclass(frozen=True)
class RuleState:
    """``at`` is ms since 1970; ``series`` are those the rule kept last, which get an end when they do not come again."""

    name: str
    expr: str
    at: int
    seconds: float
    error: str = ""
    series: tuple[Labels, ...] = ()


@dataclass(frozen=True)
class GroupState:
    """``at``: the instant for which the group was evaluated last; ``missed``: instants since the first for which it was not."""

    at: int
    seconds: float
    rules: tuple[RuleState, ...] = ()
    missed: int = 0

    def of(self, name: str, expr: str, position: int) -> RuleState | None:
        """The state of the rule at that place, if it is still the same rule."""
        if position < len(self.rules) and (self.rules[position].name, self.rules[position].expr) == (name, expr):
            return self.rules[position]
        return None


@dataclass
class StateFile:
    """Written whole or not at all. A file that cannot be read is as none: the rules are then evaluated as after a first start."""

    path: Path
    groups: dict[str, GroupState] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path) -> StateFile:
        try:
            document = orjson.loads(path.read_bytes())
            return cls(path, {str(key): _group(group) for key, group in document["groups"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)

    def write(self, groups: Mapping[str, GroupState]) -> None:
        """OSError when it cannot be written."""
        self.groups = dict(groups)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps({"groups": {key: asdict(group) for key, group in groups.items()}}))
        draft.chmod(0o600)
        draft.replace(self.path)


def _group(given: Any) -> GroupState:
    return GroupState(int(given["at"]), float(given["seconds"]), tuple(map(_rule, given["rules"])), int(given["missed"]))


def _rule(given: Any) -> RuleState:
    series = tuple(tuple((str(name), str(value)) for name, value in labels) for labels in given["series"])
    return RuleState(str(given["name"]), str(given["expr"]), int(given["at"]), float(given["seconds"]), str(given["error"]), series)
