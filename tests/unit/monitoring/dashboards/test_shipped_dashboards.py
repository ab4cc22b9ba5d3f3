"""The shipped dashboards: every query parses and names only metrics and labels that exist, and the page of documentation tells them all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.monitoring.dashboards.reading import FILES, shipped
from backend.monitoring.dashboards.record import Dashboard, Panel, Query
from backend.monitoring.dashboards.templating import filled
from backend.monitoring.promql import nodes
from backend.monitoring.promql.labels import NAME
from backend.monitoring.promql.parsing import parse
from backend.telemetry.catalogue import LIBRARY, METRICS

BOARDS = shipped()
QUERIES = [(board, panel, query) for board in BOARDS.values() for panel in board.panels for query in panel.queries]
SCRAPED = {"up", "scrape_duration_seconds", "scrape_samples_scraped"}
TARGET = {"job", "instance"}
PAGE = Path(__file__).parents[4] / "docs" / "metrics" / "dashboards.md"


def names_of(board: Dashboard, panel: Panel, _query: Query) -> str:
    return f"{board.name}-{panel.id}"


def labels_by_name() -> dict[str, set[str]]:
    """Every series that can be scraped, with the labels it may have."""
    found = {name: set(TARGET) for name in SCRAPED | set(LIBRARY)}
    for metric in METRICS.values():
        endings = ("_bucket", "_count", "_sum") if metric.kind == "histogram" else ("",)
        for ending in endings:
            found[metric.name + ending] = TARGET | set(metric.labels) | ({"le"} if ending == "_bucket" else set())
    return found


KNOWN = labels_by_name()


def selectors(node: object) -> Iterator[nodes.Selector]:
    """Every selector in a tree."""
    if isinstance(node, nodes.Selector):
        yield node
    elif isinstance(node, tuple):
        for inner in node:
            yield from selectors(inner)
    elif hasattr(node, "__dataclass_fields__"):
        for name in node.__dataclass_fields__:
            yield from selectors(getattr(node, name))


@pytest.mark.parametrize(("board", "panel", "query"), QUERIES, ids=[names_of(*one) for one in QUERIES])
def test_a_query_parses_and_names_only_what_is_measured(board: Dashboard, panel: Panel, query: Query) -> None:
    found = list(selectors(parse(filled(query.expr, {}, 15.0, 5.0))))
    assert found
    for selector in found:
        name = next(matcher.value for matcher in selector.matchers if matcher.name == NAME)
        assert name in KNOWN, f"nobody measures {name}"
        assert {matcher.name for matcher in selector.matchers} - {NAME} <= KNOWN[name]


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_variable_is_a_label_of_its_metric(board: Dashboard) -> None:
    for variable in board.variables:
        assert variable.label in KNOWN[variable.metric]


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_what_a_legend_or_a_row_names_is_kept_by_the_query(board: Dashboard) -> None:
    import re

    for panel in board.panels:
        for query in panel.queries:
            wanted = set(re.findall(r"\{(\w+)\}", query.legend)) | ({panel.rows} if panel.rows else set())
            kept = set().union(*(words.replace(" ", "").split(",") for words in re.findall(r"by \(([^)]*)\)", query.expr)))
            assert wanted <= kept, f"{panel.id}: {wanted - kept}"


def test_the_dashboards_are_those_of_the_product() -> None:
    assert set(BOARDS) == {"service", "routes", "dependencies", "stores", "workers", "console"}
    assert {file.stem for file in FILES.glob("*.yaml")} == set(BOARDS)
    assert next(iter(BOARDS)) == "service"
    assert len(BOARDS["service"].panels) == 8


def test_every_dashboard_and_panel_is_documented() -> None:
    text = PAGE.read_text("utf-8")
    for board in BOARDS.values():
        assert f"## {board.title}" in text
        part = text.split(f"## {board.title}\n")[1].split("\n## ")[0]
        for panel in board.panels:
            assert f"| {panel.title} |" in part, f"{board.name}: {panel.title}"
