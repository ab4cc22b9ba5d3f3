"""docs/metrics/functions.md names every function of PromQL that there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from backend.monitoring.promql.functions.registry import FUNCTIONS
from tests.support.samples import MemorySamples
from tests.unit.monitoring.promql.asking import instant

PAGE = (Path(__file__).parents[2] / "docs" / "metrics" / "functions.md").read_text("utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]


def test_every_function_has_its_place_in_one_table() -> None:
    named = [name for first, *_ in ROWS for name in re.findall(r"`([a-z0-9_]+)\(", first)]
    assert sorted(named) == sorted(FUNCTIONS)


def test_the_functions_over_ranges_that_keep_the_name_say_so() -> None:
    said = {re.findall(r"`([a-z_]+)\(", first)[0] for first, *rest in ROWS if "keeps the name" in rest[-1]}
    samples = MemorySamples().add({"__name__": "x"}, [(0, 1.0), (1000, 2.0)])
    over_ranges = (function.name for function in FUNCTIONS.values() if function.kind == "range")
    calls = {"predict_linear": "x[1m], 1", "double_exponential_smoothing": "x[1m], 0.5, 0.5", "quantile_over_time": "0.5, x[1m]"}
    assert said == {name for name in over_ranges if "x{}" in instant(samples, f"{name}({calls.get(name, 'x[1m]')})", 1000)}
