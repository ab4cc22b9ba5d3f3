"""``info(vector, {selector})``: the labels of info series such as target_info put on the series of the same instance and job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import re2
from numpy.typing import NDArray

from backend.errors import QueryProblem
from backend.monitoring.promql.labels import NAME, Labels, Match, Matcher
from backend.monitoring.promql.nodes import Call, Selector, named
from backend.monitoring.promql.samples import Grid, Mask
from backend.monitoring.promql.series import empty, flags, joined, living, merged

if TYPE_CHECKING:
    from backend.monitoring.promql.evaluation import Evaluation

IDENTIFYING = ("instance", "job")
_TARGET_INFO = Matcher(NAME, Match.EQUAL, "target_info")
_NONE = -1


def enriched(evaluation: Evaluation, node: Call) -> Grid:
    """Where several info series of a name fit, the one with the newest sample does; QueryProblem where two are equally new."""
    base = evaluation.whole(node.arguments[0])
    selector = node.arguments[1] if len(node.arguments) > 1 else None
    conditions = selector.matchers if isinstance(selector, Selector) else ()
    named_by = tuple(matcher for matcher in conditions if matcher.name == NAME) or (_TARGET_INFO,)
    wanted = tuple(matcher for matcher in conditions if matcher.name != NAME)
    infos = [all(matcher.matches(dict(labels).get(NAME, "")) for matcher in named_by) for labels in base.labels]
    found = _info_series(evaluation, base, infos, (*named_by, *wanted))
    parts = [
        _alone(base, index, base.present[index]) if is_info else _with_info(base, index, found, wanted)
        for index, is_info in enumerate(infos)
    ]
    return merged(joined(parts, len(evaluation.steps)))


@dataclass(frozen=True)
class _Infos:
    """Info series, the times of their samples, and which of them describe an instance and job."""

    grid: Grid
    moments: NDArray[np.float64]
    by_target: dict[tuple[str, ...], dict[str, list[int]]]


def _target(labels: Labels) -> tuple[str, ...]:
    values = dict(labels)
    return tuple(values.get(name, "") for name in IDENTIFYING)


def _info_series(evaluation: Evaluation, base: Grid, infos: Sequence[bool], matchers: tuple[Matcher, ...]) -> _Infos:
    described = [_target(labels) for labels, is_info in zip(base.labels, infos, strict=True) if not is_info]
    narrowing = []
    for place, name in enumerate(IDENTIFYING):
        values = sorted({target[place] for target in described} - {""})
        if values:
            narrowing.append(Matcher(name, Match.REGEX, "|".join(re2.escape(value) for value in values)))
    if not narrowing:
        return _Infos(empty(len(evaluation.steps)), np.empty((0, len(evaluation.steps))), {})
    selector = Selector((*matchers, *narrowing))
    grid = evaluation.kept(evaluation.selection.latest(selector, evaluation.steps))
    moments = evaluation.kept(evaluation.selection.latest(selector, evaluation.steps, moments=True))
    by_target: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, labels in enumerate(grid.labels):
        by_target[_target(labels)][dict(labels).get(NAME, "")].append(index)
    return _Infos(grid, moments.values, by_target)


def _alone(base: Grid, index: int, present: Mask) -> Grid:
    return Grid([base.labels[index]], base.values[[index]], present[None, :], flags(base)[[index]])


def _with_info(base: Grid, index: int, infos: _Infos, wanted: tuple[Matcher, ...]) -> Grid:
    """One series for each set of info series that describes it at some steps."""
    candidates = infos.by_target.get(_target(base.labels[index]), {})
    choices = [_newest(infos, members, base.present[index]) for _, members in sorted(candidates.items())]
    steps = base.values.shape[1]
    table = np.array(choices, dtype=np.intp).reshape(len(choices), steps)
    sets, which = np.unique(table, axis=1, return_inverse=True)
    found = []
    for number, chosen in enumerate(sets.T.tolist()):
        added = _added(base.labels[index], [infos.grid.labels[info] for info in chosen if info != _NONE], wanted)
        if not added and not all(matcher.matches("") for matcher in wanted):
            continue
        labels = tuple(sorted({**dict(base.labels[index]), **added}.items()))
        alone = _alone(base, index, base.present[index] & (which.ravel() == number))
        found.append(living(Grid([labels], alone.values, alone.present, alone.unnamed)))
    return joined(found, steps)


def _newest(infos: _Infos, members: list[int], asked: Mask) -> NDArray[np.intp]:
    """At each step the member with the newest sample, ``_NONE`` where none has any."""
    present = infos.grid.present[members]
    moments = np.where(present, infos.moments[members], -np.inf)
    newest = moments.max(axis=0)
    equal = ((moments == newest) & present).sum(axis=0)
    if (equal[asked] > 1).any():
        names = ", ".join(sorted(named(infos.grid.labels[member]) for member in members))
        raise QueryProblem("execution", f"found duplicate series for info metric: {names}")
    return np.where(present.any(axis=0), np.array(members, dtype=np.intp)[moments.argmax(axis=0)], _NONE)


def _added(base: Labels, infos: Sequence[Labels], wanted: tuple[Matcher, ...]) -> dict[str, str]:
    """The labels of the info series that are asked for and that the series has not itself."""
    own, asked = {name for name, _ in base}, {matcher.name for matcher in wanted}
    added: dict[str, str] = {}
    for labels in infos:
        for name, value in labels:
            if name == NAME or (asked and name not in asked):
                continue
            if added.get(name, value) != value:
                raise QueryProblem("execution", f"conflicting label: {name}")
            if name not in own:
                added[name] = value
    return added
