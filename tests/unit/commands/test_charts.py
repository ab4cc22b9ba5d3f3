"""Charts in a terminal: the API's documents without the API, or a few lines to read; what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from backend.charts.techniques import RESOURCES
from backend.commands.chart_words import lines
from backend.commands.charts import charts
from backend.errors import InvalidRequest, ServiceError

NATAL = {"date": "1990-06-15", "time": "14:30", "time_zone": "Europe/London", "latitude": 51.5, "longitude": -0.1}
RANGE = ("--start", "2026-01-01", "--end", "2027-01-01")


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASTROLABE_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "chart.json"
    path.write_text(json.dumps(NATAL))
    return str(path)


def run(*words: str, given: str | None = None) -> str:
    result = CliRunner().invoke(charts, words, input=given)
    if isinstance(result.exception, ServiceError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def document(*words: str, given: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(*words, "--json", given=given))
    return found


def test_every_technique_is_listed() -> None:
    assert [each["name"] for each in document("list")["techniques"]] == [each.name for each in RESOURCES.values()]
    assert "eclipses" in run("list")


def test_a_chart_is_computed_from_a_file_and_from_the_standard_input(file: str) -> None:
    by_file, by_input = document("compute", "natal", file), document("compute", "charts", "-", given=json.dumps(NATAL))
    assert by_file == by_input and by_file["kind"] == "natal" and by_file["bodies"][0]["body"] == "sun"


@pytest.mark.parametrize("name", RESOURCES)
def test_each_technique_has_a_document_and_words(name: str) -> None:
    examples = (json.dumps(example) for example in RESOURCES[name].examples.values())
    example = next(example for example in examples if '"place"' not in example)  # the index of places is not needed here
    found = document("compute", name, "-", given=example)
    assert next(iter(found)) == "kind" and list(found)[-1] == "provenance"
    words = lines(found)
    assert words[0].lower() == RESOURCES[name].name and len(words) > 1
    assert not any("{" in line or "('" in line for line in words)


def test_a_position_reads_as_degrees_of_its_sign(file: str) -> None:
    words = run("compute", "natal", file).splitlines()
    assert any(line.split()[:5] == ["sun", "24°", "11′", "21″", "gemini"] for line in words)


def test_transits_take_a_natal_request_and_a_range(file: str) -> None:
    found = document("transits", file, *RANGE, "--set", 'bodies=["saturn"]')
    assert found["kind"] == "transits" and {event["body"] for event in found["events"]} == {"saturn"}
    assert found["range"] == {"start": "2026-01-01T00:00:00Z", "end": "2027-01-01T00:00:00Z"}


def test_a_search_takes_a_range_and_further_fields() -> None:
    found = document("search", "rise-set", *RANGE[:3], "2026-01-03", "--set", "latitude=52.52", "--set", "longitude=13.405")
    assert [event["event"] for event in found["events"]] == ["rise", "set", "rise", "set"]
    assert "2026-08-12T17:4" in run("search", "eclipses", *RANGE)


@pytest.mark.parametrize(
    ("words", "given", "field"),
    [
        (("compute", "horoscope"), "{}", "name"),
        (("compute", "natal"), "{}", "date"),
        (("compute", "synastry"), json.dumps({"first": NATAL, "second": {**NATAL, "time": "25:00"}}), "second.time"),
        (("compute", "natal", "/no/such/file"), None, "file"),
        (("search", "natal", *RANGE), None, "name"),
        (("search", "stations", "--start", "2027-01-01", "--end", "2026-01-01"), None, "end"),
        (("search", "stations", *RANGE, "--set", "bodies"), None, "set"),
        (("search", "stations", *RANGE, "--set", "colour=red"), None, "colour"),
    ],
)
def test_what_is_wrong_is_named(words: tuple[str, ...], given: str | None, field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        run(*words, given=given)
    assert refused.value.problems[0].field == field


def test_a_lesser_answer_says_so_in_words_too() -> None:
    early = json.dumps({**NATAL, "date": "1500-06-15", "time_zone": "local_mean_time"})
    assert "Less than it could be: " in run("compute", "natal", "-", given=early)


def test_regression_sets_have_their_command_here() -> None:
    assert "regression set" in run("regress", "--help")
