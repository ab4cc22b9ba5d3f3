"""Dashboard files under their schema: whatever is wrong is told by file and field."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import yaml

from backend.errors import InvalidRequest
from backend.monitoring.dashboards.reading import dashboard
from backend.monitoring.dashboards.record import Threshold

WHOLE: dict[str, Any] = {
    "name": "mine",
    "title": "Mine",
    "about": "What I look at.",
    "variables": [{"name": "route", "title": "Route", "label": "route", "metric": "requests_total"}],
    "panels": [
        {
            "id": "rate",
            "title": "Rate",
            "kind": "lines",
            "unit": "per_second",
            "threshold": {"watch": 10},
            "queries": [{"expr": 'sum(rate(requests_total{route=~"$route"}[$__rate_interval]))', "legend": "now"}],
            "links": [{"title": "Logs", "page": "logs", "params": {"route": "$route"}}],
        }
    ],
}


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    document = yaml.safe_load(yaml.safe_dump(WHOLE))
    change(document)
    return yaml.safe_dump(document)


def test_a_whole_file_is_read() -> None:
    found = dashboard(yaml.safe_dump(WHOLE))
    assert found.panels[0].threshold == Threshold(10.0)
    assert found.panels[0].links[0].params == {"route": "$route"}
    assert found.refresh_seconds == 30


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda one: one.pop("title"), "title"),
        (lambda one: one.update(colour="red"), "colour"),
        (lambda one: one.update(name="Mine!"), "name"),
        (lambda one: one.update(panels=[]), "panels"),
        (lambda one: one.update(refresh_seconds=5), "refresh_seconds"),
        (lambda one: one["panels"][0].update(kind="pie"), "panels[0].kind"),
        (lambda one: one["panels"][0].update(unit="miles"), "panels[0].unit"),
        (lambda one: one["panels"][0]["queries"][0].pop("expr"), "panels[0].queries[0].expr"),
        (lambda one: one["panels"][0]["queries"][0].update(expr="sum($other)"), "panels[0].queries[0].expr"),
        (lambda one: one["panels"][0]["queries"][0].update(style="band"), "panels[0].queries[0].style"),
        (lambda one: one["panels"][0]["threshold"].update(watch="much"), "panels[0].threshold.watch"),
        (lambda one: one["panels"][0]["threshold"].update(watch=True), "panels[0].threshold.watch"),
        (lambda one: one["panels"][0]["links"][0].update(page="shell"), "panels[0].links[0].page"),
        (lambda one: one["panels"][0]["links"][0].update(params={"a": "$b"}), "panels[0].links[0].params"),
        (lambda one: one["panels"].append(deepcopy(one["panels"][0])), "panels[1].id"),
        (lambda one: one["panels"][0].update(kind="table"), "panels[0].rows"),
        (lambda one: one["panels"][0].update(kind="states", rows="route"), "panels[0].meanings"),
        (
            lambda one: one["panels"][0].update(
                kind="heat", queries=[*one["panels"][0]["queries"], *deepcopy(one["panels"][0]["queries"])]
            ),
            "panels[0].queries",
        ),
        (lambda one: one["variables"][0].update(label="a-b"), "variables[0].label"),
        (lambda one: one.update(variables={"route": 1}), "variables"),
    ],
)
def test_a_fault_names_its_field(change: Callable[[dict[str, Any]], object], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        dashboard(changed(change), "mine.yaml")
    assert caught.value.detail.startswith(f"mine.yaml: {field}:")
    assert caught.value.problems[0].field == field


@pytest.mark.parametrize("text", ["", "[]", "name: [", "name: a\nname: b\n", "a: &x 1\nb: *x\n", "!!python/object:os.system {}"])
def test_what_is_no_plain_object_is_refused_by_the_name_of_the_file(text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"^mine\.yaml: "):
        dashboard(text, "mine.yaml")


@pytest.mark.parametrize(
    ("value", "tone"), [(1, "ok"), (10, "ok"), (11, "watch"), (21, "bad"), (None, "neutral"), (float("nan"), "neutral")]
)
def test_a_threshold_tells_how_grave_a_value_is(value: float | None, tone: str) -> None:
    assert Threshold(10, 20).tone(value) == tone


def test_what_gets_worse_downwards_is_judged_so() -> None:
    assert [Threshold(0.99, 0.95, "below").tone(value) for value in (0.995, 0.97, 0.5)] == ["ok", "watch", "bad"]
