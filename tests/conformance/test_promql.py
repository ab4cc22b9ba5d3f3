"""The scripts of Prometheus itself, where the folder of shared files is beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conformance import promql

SCRIPTS = Path(__file__).parents[3] / "shared" / "reference" / "promqltest"
here = pytest.mark.skipif(not (SCRIPTS.is_dir() and promql.RUNNER.exists()), reason=f"no scripts at {SCRIPTS}")


@here
def test_every_evaluation_without_native_histograms_is_as_expected(capsys: pytest.CaptureFixture[str]) -> None:
    assert promql.main([str(SCRIPTS)]) == 0
    assert "pass share 100.00% of 356 cases" in capsys.readouterr().out


@here
def test_evaluations_that_may_meet_native_histograms_are_mostly_as_expected() -> None:
    assert promql.main([str(SCRIPTS), "--native", "in", "--min", "98"]) == 0


def test_a_missing_runner_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(promql, "RUNNER", Path("/nowhere/runner.py"))
    assert promql.main(["anything"]) == 2
    assert "/nowhere/runner.py" in capsys.readouterr().out
