"""The chart benchmark runs and prints its contract."""

from __future__ import annotations

import json

import pytest

from benchmarks.__main__ import main


def test_the_chart_benchmark_prints_its_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", "--json", "--quick"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"name", "machine", "ratios", "raw"}
    assert printed["ratios"]["typed"] > 1
