"""PromQL scripts (``*.test``) run by the runner of the bench folder against our engine."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from backend.clock import SystemClock
from backend.monitoring.promql.answers import data_of
from backend.monitoring.promql.engine import Engine, Limits
from backend.monitoring.promql.result import QueryResult
from tests.support.samples import MemorySamples

RUNNER = Path(__file__).parents[3] / "shared" / "bench" / "promql_conformance.py"


class Adapter:
    """The engine over samples in memory, in the words of the runner."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._samples = MemorySamples()
        self._engine = Engine(self._samples, Limits(), SystemClock())

    def load(self, series: Sequence[tuple[dict[str, str], Sequence[tuple[int, float]]]], step_ms: int) -> None:
        for labels, samples in series:
            self._samples.add(labels, samples)

    def query_instant(self, expr: str, t_ms: int) -> dict[str, Any]:
        return _answer(self._engine.query(expr, t_ms), t_ms)

    def query_range(self, expr: str, start_ms: int, end_ms: int, step_ms: int) -> dict[str, Any]:
        return _answer(self._engine.query_range(expr, start_ms, end_ms, step_ms), end_ms)


def _answer(result: QueryResult, at_ms: int) -> dict[str, Any]:
    return {**data_of(result, at_ms), "warnings": list(result.warnings), "infos": list(result.infos)}


def runner() -> ModuleType | None:
    """The runner; None where the folder of shared files is not beside the checkout."""
    if not RUNNER.exists():
        return None
    spec = importlib.util.spec_from_file_location("promql_conformance", RUNNER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def main(arguments: list[str]) -> int:
    """The runner's own options: paths, ``--native``, ``--annotations``, ``--min``, ``-v``. Exit 1 below the share asked for (100 %)."""
    module = runner()
    if module is None:
        print(f"the runner is not at {RUNNER}")
        return 2
    least = [] if "--min" in arguments or "--native" in arguments else ["--min", "100"]
    return int(module.main([*arguments, *least, "--adapter", f"{__name__}:Adapter"]))
