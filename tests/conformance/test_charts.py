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
    assert tally.passed == tally.total == 2 * (3 * 121 + 63 + 24 + 16 + 629 + 36)


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


def test_a_wrong_event_and_a_wrong_sunset_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = json.loads(REFERENCE.read_text("utf-8"))
    events, sun_times = content["events"], content["sun_times"]
    events["stations"][0]["turns"] = "direct"
    events["solar_eclipses"][0]["kind"] = "total"
    events["ingresses"][0]["jd_tt"] += 31 / 86400
    own = {name: entries[:1] for name, entries in events.items()}
    polar_day = next(entry for entry in sun_times if entry["rise"] is None)
    sun_times[0]["rise"], polar_day["set"] = None, sun_times[0]["set"]
    (tmp_path / "own.json").write_text(
        json.dumps({"tolerance": content["tolerance"], "events": own, "sun_times": [sun_times[0], polar_day]}), "utf-8"
    )
    assert command.main(["charts", str(tmp_path), "--only", "events,suntimes"]) == 1
    printed = capsys.readouterr().out
    for theory in ("se1", "moshier"):
        assert f"stations[0] events {theory}: expected such an event within 10 days, got none" in printed
        assert f"solar_eclipses[0] events {theory}: kind: expected total, got partial" in printed
        assert f"ingresses[0] events {theory}: time in TT, s: expected 0.0, got -3" in printed
        assert f"sun_times[0] suntimes {theory}: rise: expected none, got" in printed
        assert f"sun_times[1] suntimes {theory}: set: expected" in printed
    assert printed.endswith("6 of 16\n")


def test_a_part_that_does_not_exist_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["charts", str(REFERENCE), "--only", "weather,local"]) == 2
    assert "no such part: weather" in capsys.readouterr().out
