"""Metrics: bounded labels, a registry of one's own, and read back as written."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from backend.telemetry.api_metrics import CALL_SECONDS
from backend.telemetry.catalogue import METRICS
from backend.telemetry.definitions import MOST_CHILDREN
from backend.telemetry.dependency_series import DependencyFigures
from backend.telemetry.series import CIRCUIT_STATES, CONTENT_TYPE, Series
from tests.support.expositions import read_exposition


def samples(series: Series) -> dict[tuple[str, str], float]:
    return {(sample.name, str(sorted(sample.labels.items()))): sample.value for sample in read_exposition(series.exposition())}


def test_two_processes_worth_of_series_do_not_meet() -> None:
    one, other = Series("1"), Series("1")
    one.chart_answered("natal", "files", False, "miss")
    assert b"astrolabe_charts_total{" in one.exposition() and b"astrolabe_charts_total{" not in other.exposition()


def test_what_somebody_makes_up_gets_one_series_more_and_is_counted() -> None:
    series = Series("1")
    for number in range(MOST_CHILDREN * 3):
        series.request_finished(f"/r{number}", "BREW", 200, 0.01, error=f"code{number}")
        series.chart_answered(f"kind{number}", f"source{number}", True, "miss")
    lines = series.exposition().decode().splitlines()
    for name in ("astrolabe_charts_total", "astrolabe_http_requests_total", "astrolabe_http_errors_total"):
        assert sum(line.startswith(f"{name}{{") for line in lines) == MOST_CHILDREN + 1
        assert f'astrolabe_metrics_cardinality_dropped_total{{metric="{name}"}} {MOST_CHILDREN * 2}.0' in lines
    assert f'astrolabe_http_requests_total{{method="__other__",route="__other__",status="__other__"}} {MOST_CHILDREN * 2}.0' in lines
    assert any('method="other"' in line for line in lines)


def test_rows_that_are_read_have_the_same_bound() -> None:
    series = Series("1")
    series.dependencies(lambda: [replace(FIGURES, answers={f"source{number}": 1 for number in range(MOST_CHILDREN + 7)})])
    lines = series.exposition().decode().splitlines()
    assert sum(line.startswith("astrolabe_dependency_answers_total{") for line in lines) == MOST_CHILDREN
    assert b'cardinality_dropped_total{metric="astrolabe_dependency_answers_total"} 7.0' in series.exposition()


def test_what_matters_begins_at_nought_so_that_its_first_rise_is_seen() -> None:
    series = Series("1")
    series.expect_routes({"/v1/charts": "POST"})
    series.expect_charts(["natal"])
    series.expect_job("purge", 60.0)
    series.records_dropped("full", 0)
    series.circuit_state("geocoder", "closed")
    found = samples(series)
    for name in ("http_requests", "chart_cache", "job_runs", "request_records_dropped", "circuit_transitions", "log_lines"):
        values = [value for (each, _), value in found.items() if each == f"astrolabe_{name}_total"]
        assert values and (name == "log_lines" or set(values) == {0.0}), name
    assert {value for (name, _), value in found.items() if name.startswith("astrolabe_http_request_seconds")} == {0.0}


def test_a_change_of_a_circuit_is_counted_and_the_state_it_begins_in_is_not() -> None:
    series = Series("1")
    series.circuit_state("geocoder", "closed")
    series.circuit_changed("geocoder", "open")
    text = series.exposition().decode()
    assert 'astrolabe_circuit_transitions_total{circuit="geocoder",to="open"} 1.0' in text
    assert 'astrolabe_circuit_transitions_total{circuit="geocoder",to="closed"} 0.0' in text


def test_who_asks_for_openmetrics_gets_examples_of_requests_and_others_the_plain_form() -> None:
    series, ids = Series("1"), {"trace_id": "a" * 32, "request_id": "r" * 64}
    series.request_finished("/v1/charts", "POST", 200, 0.004, trace=lambda: ids)
    series.request_finished("/v1/charts", "POST", 200, 0.04, trace=lambda: {"trace_id": "too soon"})
    series.request_finished("/v1/charts", "POST", 200, 0.4, trace=lambda: {"trace_id": "slow"})
    media_type, content = series.exposed("application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
    assert media_type.startswith("application/openmetrics-text; version=1.0.0") and content.endswith(b"# EOF\n")
    marked = [line for line in content.decode().splitlines() if " # {" in line]
    assert len(marked) == 2 and 'le="0.005"' in marked[0] and ids["request_id"] in marked[0] and 'trace_id="slow"' in marked[1]
    media_type, plain = series.exposed("*/*")
    assert media_type == CONTENT_TYPE and _of_ours(plain) == _of_ours(series.exposition())
    assert b" # {" not in plain and b"r" * 64 not in plain


def _of_ours(content: bytes) -> list[bytes]:
    """Without what the process itself uses, which grows from one look to the next."""
    return [line for line in content.splitlines() if b"astrolabe_" in line]


def test_every_metric_of_a_process_is_in_the_catalogue_as_it_is_emitted() -> None:
    series = Series("1")
    series.dependencies(lambda: [FIGURES])
    for metric in METRICS.values():
        assert metric.name.startswith("astrolabe_") and metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert metric.help.endswith(".") and (metric.kind != "histogram" or metric.bounds or metric is CALL_SECONDS), metric.name
    families = {family.name: family for family in text_string_to_metric_families(series.exposition().decode())}
    emitted = {name: family for name, family in families.items() if name.startswith("astrolabe_")}
    by_family = {metric.family: metric for metric in METRICS.values()}
    assert set(emitted) <= set(by_family)
    for name, family in emitted.items():
        metric = by_family[name]
        assert (family.type, family.documentation) == (metric.kind, metric.help), name
        assert all(set(sample.labels) - {"le"} == set(metric.labels) for sample in family.samples), name


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
