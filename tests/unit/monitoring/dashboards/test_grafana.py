"""Grafana's dashboards: made from the same files, with queries that a Prometheus reads once Grafana has filled its variables in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from backend.__main__ import app
from backend.monitoring.dashboards.grafana import grafana
from backend.monitoring.dashboards.reading import shipped
from backend.monitoring.dashboards.record import Dashboard, Threshold
from backend.monitoring.dashboards.templating import filled
from backend.monitoring.promql.parsing import parse

BOARDS = shipped()


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_each_panel_has_its_queries(board: Dashboard) -> None:
    made = json.loads(json.dumps(grafana(board)))
    assert [panel["title"] for panel in made["panels"]] == [panel.title for panel in board.panels]
    for panel, written in zip(board.panels, made["panels"], strict=True):
        assert len(written["targets"]) == len(panel.queries)
        for target in written["targets"]:
            parse(filled(target["expr"], {}, 15.0, 5.0))
    assert {one["name"] for one in made["templating"]["list"]} == {"source", *(one.name for one in board.variables)}


def test_panels_do_not_lie_on_each_other() -> None:
    for board in BOARDS.values():
        places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in grafana(board)["panels"]]
        assert len(set(places)) == len(places)


def test_what_gets_worse_downwards_begins_with_the_worst() -> None:
    from backend.monitoring.dashboards import grafana as module

    steps = module._thresholds(Threshold(0.99, 0.95, "below"))["steps"]
    assert [step["value"] for step in steps] == [None, 0.95, 0.99]
    assert steps[0]["color"] == "#7F1D1D"


def test_the_command_prints_one_or_writes_all(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["metrics", "export", "grafana", "routes"])
    assert json.loads(printed.stdout)["title"] == "Astrolabe: Routes"
    CliRunner().invoke(app, ["metrics", "export", "grafana", "--to", str(tmp_path)])
    assert {file.name for file in tmp_path.iterdir()} == {f"astrolabe-{name}.json" for name in BOARDS}
