"""The rules that come with the product ask for series that exist, by labels that these have."""

from __future__ import annotations

from backend.metrics_server.trees import selectors_in
from backend.monitoring.promql.labels import NAME
from backend.monitoring.promql.parsing import parse
from backend.monitoring.rules.reading import read_folder
from backend.monitoring.rules.records import RecordingRule
from backend.settings import RULES
from backend.telemetry.catalogue import METRICS

OF_EVERY_TARGET = {"job", "instance", "le"}


def test_every_series_that_they_ask_for_is_defined_or_recorded_before() -> None:
    recorded: set[str] = set()
    groups, problems = read_folder(RULES)
    assert not problems
    for group in groups:
        for rule in group.rules:
            assert isinstance(rule, RecordingRule)
            for matchers in selectors_in(parse(rule.expr)):
                name = next(one.value for one in matchers if one.name == NAME)
                metric = METRICS.get(name) or METRICS.get(name.removesuffix("_bucket"))
                assert metric or name in recorded, name
                labels = {one.name for one in matchers if one.name != NAME}
                assert not metric or labels <= {*metric.labels, *OF_EVERY_TARGET}, rule.expr
            recorded.add(rule.record)
    assert len(recorded) == sum(len(group.rules) for group in groups)


def test_names_are_level_metric_operations() -> None:
    groups, _ = read_folder(RULES)
    assert all(len(rule.name.split(":")) == 3 for group in groups for rule in group.rules)
