"""Metrics: bounded labels, a registry of one's own, and read back as written."""

from __future__ import annotations

from dataclasses import replace

from backend.monitoring.scrape import from_body, read, to_body
from backend.telemetry.dependency_series import DependencyFigures
from backend.telemetry.series import CIRCUIT_STATES, MOST_VALUES, Series, read_exposition


def samples(series: Series) -> dict[tuple[str, str], float]:
    return {(sample.name, str(sorted(sample.labels.items()))): sample.value for sample in read_exposition(series.exposition())}


def test_two_processes_worth_of_series_do_not_meet() -> None:
    one, other = Series("1"), Series("1")
    one.chart_answered("natal", "files", False, "miss")
    assert b"astrolabe_charts_total{" in one.exposition() and b"astrolabe_charts_total{" not in other.exposition()


def test_names_from_outside_end_in_other() -> None:
    series = Series("1")
    for number in range(MOST_VALUES * 4):
        series.request_finished(f"/r{number}", "BREW", 200, 0.01)
        series.chart_answered(f"kind{number}", f"source{number}", True, "miss")
    lines = series.exposition().decode().splitlines()
    assert sum(line.startswith("astrolabe_charts_total") for line in lines) == MOST_VALUES + 1
    assert sum(line.startswith("astrolabe_http_requests_total") for line in lines) == MOST_VALUES + 1
    assert any('method="other"' in line for line in lines)


def test_a_circuit_is_in_one_state() -> None:
    series = Series("1")
    series.circuit_state("geocoder", "open")
    series.circuit_state("geocoder", "isolated")
    states = {
        sample.labels["state"]: sample.value for sample in read_exposition(series.exposition()) if sample.name == "astrolabe_circuit_state"
    }
    assert states == {**dict.fromkeys(CIRCUIT_STATES, 0), "isolated": 1}


FIGURES = DependencyFigures(
    name="geocoder",
    outcomes={"ok": 8, "bad": 2, "circuit_open": 5},
    bounds=(0.1, 0.5),
    counts=(6, 3, 1),
    seconds=2.5,
    retries={"dependency_failed": 2},
    budget_refusals={"retry": 1},
    answers={"primary": 8, "stale cache": 7},
    hedges=3,
    hedges_won=1,
    bulkhead_refusals=4,
    faults={"latency": 6},
    bulkhead_limit=16,
    bulkhead_in_flight=2,
    budget_left=9.5,
)


def test_a_dependencys_figures_are_read_when_they_are_asked_for() -> None:
    series, read = Series("1"), [FIGURES]
    series.dependencies(lambda: read)
    before = samples(series)
    read[0] = replace(FIGURES, outcomes={"ok": 9})
    assert samples(series)["astrolabe_dependency_calls_total", "[('dependency', 'geocoder'), ('outcome', 'ok')]"] == 9
    own = {(name.removeprefix("astrolabe_dependency_"), labels): value for (name, labels), value in before.items() if "dependency" in name}
    assert own["calls_total", "[('dependency', 'geocoder'), ('outcome', 'circuit_open')]"] == 5
    assert own["call_seconds_bucket", "[('dependency', 'geocoder'), ('le', '0.5')]"] == 9
    assert own["call_seconds_bucket", "[('dependency', 'geocoder'), ('le', '+Inf')]"] == 10
    assert own["call_seconds_sum", "[('dependency', 'geocoder')]"] == 2.5
    assert own["retries_total", "[('after', 'dependency_failed'), ('dependency', 'geocoder')]"] == 2
    assert own["budget_refusals_total", "[('dependency', 'geocoder'), ('of', 'retry')]"] == 1
    assert own["answers_total", "[('dependency', 'geocoder'), ('source', 'stale cache')]"] == 7
    assert own["hedges_total", "[('dependency', 'geocoder'), ('won', 'false')]"] == 2
    assert own["bulkhead_refusals_total", "[('dependency', 'geocoder')]"] == 4
    assert own["faults_injected_total", "[('dependency', 'geocoder'), ('fault', 'latency')]"] == 6
    assert own["bulkhead_limit", "[('dependency', 'geocoder')]"] == 16
    assert own["budget_left", "[('dependency', 'geocoder')]"] == 9.5


def test_build_and_process_are_described() -> None:
    names = {sample.name for sample in read_exposition(Series("1.2.3").exposition())}
    assert {"astrolabe_build_info", "process_resident_memory_bytes", "process_open_fds"} <= names


def test_a_reading_holds_what_was_counted_without_the_questions_of_machines() -> None:
    series = Series("1")
    for route, status in (("/v1/charts", 200), ("/v1/charts", 503), ("/livez", 200), ("/metrics", 200), ("unmatched", 404)):
        series.request_started()
        series.request_finished(route, "GET", status, 0.03)
    series.chart_answered("natal", "files", False, "miss")
    series.chart_answered("natal", "files", True, "miss")
    found = read(series.exposition())
    assert (found.requests, found.errors, found.charts, found.degraded) == (3, 1, 2, 1)
    assert found.latency.counts[-1] == 3 and found.latency.bounds[-1] == float("inf")
    assert from_body(to_body(found)) == found
