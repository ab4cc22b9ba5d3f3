"""The page on the metrics server names every address, kind of error, limit, setting and command, as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

from fastapi.routing import APIRoute

from backend.commands.metrics import export
from backend.metrics_server import app, documents, pool, requests, worker
from backend.metrics_server.app import Parts, create_app
from backend.metrics_server.pool import Bounds, Pool
from backend.monitoring.promql import parsing
from backend.monitoring.promql.engine import Limits
from backend.monitoring.rules.documents import RuleDesk
from backend.settings import Settings
from backend.telemetry.metrics_server_series import QuestionCounts
from tests.support.clock import ManualClock

TEXT = (Path(__file__).parents[2] / "docs" / "metrics" / "server.md").read_text()


def rows(heading: str) -> list[list[str]]:
    table = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")]


def test_every_address_is_named_with_its_methods(tmp_path: Path) -> None:
    nobody = cast(Pool, None)
    rules = RuleDesk(tmp_path, tmp_path)
    served = create_app(Parts(nobody, nobody, Limits(), ManualClock(), "1", rules, lambda _accept: ("", b""), QuestionCounts()))
    known = {route.path: set(route.methods) for route in served.routes if isinstance(route, APIRoute)}
    told = {row[0].strip("`"): set(row[1].split(", ")) for row in rows("Addresses") if row[0].startswith("`/")}
    assert told == known


def test_every_kind_of_error_is_named_with_its_status() -> None:
    told = {row[0].strip("`"): int(row[1]) for row in rows("Addresses") if row[1].isdigit()}
    assert told == documents.STATUS


def test_every_limit_is_as_the_code_has_it() -> None:
    told = {row[0]: [int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", row[1])] for row in rows("Limits")}
    limits, bounds = Limits(), Bounds()
    assert told == {
        "what": [],
        "time of a query": [limits.seconds],
        "samples that a query keeps at once, subqueries counted": [limits.samples],
        "points of a series": [limits.points],
        "text of a query": [limits.text_bytes],
        "operators or brackets in it": [parsing.OPERATORS],
        "questions answered at a time": [bounds.most],
        "questions in line": [bounds.waiting, bounds.wait_seconds],
        "memory of one answering process": [worker.MOST_MEMORY],
        "body of a form": [requests.LARGEST_FORM],
        "body of a write, packed": [app.LARGEST_WRITE],
    }
    assert f"{pool.GRACE_SECONDS} s after its time" in TEXT and f"more than {pool.MOST_PEAK // 1_000_000} MB" in TEXT


def test_every_setting_of_the_server_is_named() -> None:
    ours = {name for name in Settings.model_fields if name.startswith("prometheus_")}
    ours |= {"metrics_port", "metrics_timeout_seconds", "metrics_rules_dir"}
    assert {name for name in ours if f"ASTROLABE_{name.upper()}" not in TEXT} == set()


def test_every_file_that_is_exported_is_named() -> None:
    known = {command.name or command.callback.__name__ for command in export.registered_commands}  # type: ignore[union-attr]
    assert set(re.findall(r"metrics export ([a-z-]+)`", TEXT)) == known
