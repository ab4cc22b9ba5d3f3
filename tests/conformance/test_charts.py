"""The reference charts in this repository: every entry within its tolerance, with files and with Moshier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance import __main__ as command
from tests.conformance import charts
from tests.conformance.outcome import Tally

REFERENCE = Path(__file__).parent.parent / "reference" / "charts.json"


def test_every_reference_chart_is_within_its_tolerance() -> None:
    tally = Tally()
    charts.check(json.loads(REFERENCE.read_text("utf-8")), list(charts.PARTS), tally)
    assert tally.failures == []
    assert tally.passed == tally.total == 2 * (3 * 121 + 63 + 24 + 16)


def test_a_wrong_value_is_told_with_its_id(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(REFERENCE.read_text("utf-8"))
    content["charts"] = content["charts"][:1]
    content["charts"][0]["bodies"]["sun"]["lon"] += 0.01
    (tmp_path / "own.json").write_text(json.dumps(content), "utf-8")
    (tmp_path / "other.json").write_text("[]", "utf-8")
    assert command.main(["charts", str(tmp_path), "--only", "positions"]) == 1
    printed = capsys.readouterr().out
    assert "s000 positions se1: sun at jd_tt longitude: expected" in printed
    assert "skipped other.json" in printed
    assert printed.endswith("0 of 2\n")


def test_a_part_that_is_not_built_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["charts", str(REFERENCE), "--only", "events,local"]) == 2
    assert "not built: events" in capsys.readouterr().out


def test_a_run_of_everything_says_what_is_not_built(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["charts", str(REFERENCE)]) == 0
    assert "not built, not run: events, suntimes" in capsys.readouterr().out
