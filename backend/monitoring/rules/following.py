"""Recording rules, evaluated at their interval in the process that tends the store, and kept as series beside the scraped ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from backend.clock import Clock
from backend.errors import QueryProblem, ServiceError
from backend.monitoring.embedded.records import Appended, Series
from backend.monitoring.promql.labels import NAME, Labels, labels_of
from backend.monitoring.promql.result import QueryResult
from backend.monitoring.promql.samples import STALE
from backend.monitoring.rules.reading import read_folder
from backend.monitoring.rules.records import RecordingRule, RuleGroup
from backend.monitoring.rules.state import GroupState, RuleState, StateFile
from backend.telemetry.logging import log

LOG = log(__name__)


class Evaluating(Protocol):
    """The engine."""

    def query(self, text: str, at_ms: int) -> QueryResult: ...


class Appending(Protocol):
    """The store."""

    def append(self, written: Sequence[Series]) -> Appended: ...


class Following:
    """Does what the rule files of a folder say. Files are read again when one of them has changed; a wrong file is left out and told."""

    def __init__(self, folder: Path, state: StateFile, engine: Evaluating, store: Appending, clock: Clock, may: Callable[[], bool]) -> None:
        self._folder = folder
        self._state = state
        self._engine = engine
        self._store = store
        self._clock = clock
        self._may = may
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._groups: list[RuleGroup] = []

    def evaluate_due(self) -> int:
        """Evaluate every group whose next instant has come; how many. Instants are whole intervals since 1970. (A job.)"""
        if not self._may():
            return 0
        self._read_again()
        now = round(self._clock.now().timestamp() * 1000)
        states, done = dict(self._state.groups), 0
        for group in self._groups:
            interval = round(group.interval_seconds * 1000)
            at = now // interval * interval
            before = states.get(group.key)
            if before is None or at > before.at:
                states[group.key] = self._evaluated(group, at, before, interval)
                done += 1
        if done:
            self._write({group.key: states[group.key] for group in self._groups})
        return done

    def _evaluated(self, group: RuleGroup, at: int, before: GroupState | None, interval: int) -> GroupState:
        """One rule after the other, as a later one may ask for what an earlier one kept."""
        begun, states = self._clock.monotonic(), []
        for position, rule in enumerate(group.rules):
            if isinstance(rule, RecordingRule):
                last = before.of(rule.name, rule.expr, position) if before else None
                states.append(self._recorded(group, rule, at, last.series if last else ()))
            else:
                states.append(RuleState(rule.name, rule.expr, 0, 0.0))
        self._end_what_is_gone(group, at, before)
        missed = 0 if before is None else before.missed + (at - before.at) // interval - 1
        return GroupState(at, self._clock.monotonic() - begun, tuple(states), missed)

    def _recorded(self, group: RuleGroup, rule: RecordingRule, at: int, before: tuple[Labels, ...]) -> RuleState:
        """A rule that fails keeps nothing, ends what it kept last, and says why."""
        begun, instant, error, kept = self._clock.monotonic(), at - round(group.offset_seconds * 1000), "", []
        try:
            kept = recorded(self._engine.query(rule.expr, instant), rule, instant, {**group.labels, **rule.labels}, group.limit)
            self._store.append([*kept, *_ends(before, {series.labels for series in kept}, instant)])
        except ServiceError as problem:
            error, kept = problem.detail, []
            LOG.warning("rule_failed", rule=rule.name, group=group.name, code=problem.code)
            if isinstance(problem, QueryProblem):
                self._store.append(_ends(before, set(), instant))
        series = tuple(series.labels for series in kept)
        return RuleState(rule.name, rule.expr, at, self._clock.monotonic() - begun, error, series)

    def _end_what_is_gone(self, group: RuleGroup, at: int, before: GroupState | None) -> None:
        """The series of rules that the group no longer has."""
        if before is None:
            return
        gone = [
            state
            for position, state in enumerate(before.rules)
            if position >= len(group.rules) or (group.rules[position].name, group.rules[position].expr) != (state.name, state.expr)
        ]
        ended = [series for state in gone for series in _ends(state.series, set(), at)]
        if ended:
            self._store.append(ended)

    def _read_again(self) -> None:
        paths = sorted((*self._folder.glob("*.yml"), *self._folder.glob("*.yaml")))
        seen = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
        if seen == self._seen:
            return
        self._groups, problems = read_folder(self._folder)
        self._seen = seen
        LOG.info("rules_read", groups=len(self._groups), problems=len(problems))
        for problem in problems:
            LOG.error("rule_file_wrong", where=problem.field, code=problem.code)

    def _write(self, states: Mapping[str, GroupState]) -> None:
        """A state that cannot be kept costs a mark of an ended series after a restart, and no evaluation now."""
        try:
            self._state.write(states)
        except OSError as error:
            self._state.groups = dict(states)
            LOG.warning("rule_state_not_kept", error_type=type(error).__name__)


def recorded(result: QueryResult, rule: RecordingRule, at: int, labels: Mapping[str, str], limit: int) -> list[Series]:
    """What a rule keeps of an answer. QueryProblem('execution') for what no rule may answer."""
    if limit and len(result.curves) > limit:
        raise QueryProblem("execution", f"exceeded limit of {limit} with {len(result.curves)} series")
    found: dict[Labels, Series] = {}
    for curve in result.curves:
        named = labels_of({**dict(curve.labels), **labels, NAME: rule.record})
        if named in found:
            raise QueryProblem("execution", "vector contains metrics with the same labelset after applying rule labels")
        found[named] = Series(named, np.array([at], dtype=np.int64), curve.values[-1:])
    return list(found.values())


def _ends(before: Sequence[Labels], now: set[Labels], at: int) -> list[Series]:
    times, values = np.array([at], dtype=np.int64), np.array([STALE])
    return [Series(labels, times, values) for labels in before if labels not in now]
