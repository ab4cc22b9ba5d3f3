"""Our metrics server and Debian's Prometheus, asked the same through prometheus-api-client and by made-up expressions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException

from backend.answer import Empty, Fresh
from backend.clock import SystemClock
from backend.errors import QueryProblem
from backend.metering import build_metering
from backend.monitoring.client import MetricsClient
from backend.monitoring.records import Instance
from backend.settings import Settings
from backend.storage.shared import SharedState
from backend.telemetry.series import Series as Figures
from tests.support.figures import note
from tests.support.metrics_api import MetricsApi, difference
from tests.support.metrics_role import MetricsRole
from tests.support.processes import TRIALS
from tests.support.prometheus import Prometheus
from tests.support.promql_expressions import BASE, QUERY_OFFSET, SPAN, Expressions, samples

SEED = int(os.environ.get("ASTROLABE_SEED", "7"))
EXPRESSIONS = max(100, TRIALS)
NOW = BASE + SPAN - 43
AT = datetime.fromtimestamp(NOW, UTC)
START = datetime.fromtimestamp(BASE, UTC)


@dataclass(frozen=True)
class Both:
    """The same samples in both."""

    ours: MetricsApi
    prometheus: MetricsApi


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = tmp_path_factory.mktemp("servers")
    with MetricsRole(folder / "ours") as ours, Prometheus(folder / "prometheus") as prometheus:
        servers = Both(MetricsApi(ours.url), MetricsApi(prometheus.url))
        for server in (servers.ours, servers.prometheus):
            server.write(samples(Random(SEED)))
        yield servers


@pytest.fixture(params=["ours", "prometheus"])
def api(request: pytest.FixtureRequest, both: Both) -> MetricsApi:
    found: MetricsApi = getattr(both, request.param)
    return found


@pytest.fixture
def library(api: MetricsApi) -> Iterator[PrometheusConnect]:
    with PrometheusConnect(url=api.url, timeout=10) as library:
        yield library


@pytest.fixture
def source(api: MetricsApi) -> Iterator[MetricsClient]:
    settings = Settings.model_validate({"prometheus_url": api.url})
    clock = SystemClock()
    here = Instance("1", "test", 1, "host", "1", clock.now())
    metering = build_metering(settings, SharedState("unix:///nowhere"), here, Figures("1"), clock)
    yield metering.source
    metering.stop()


def test_what_both_versions_answer_alike_is_equal_to_1e_12(both: Both) -> None:
    random, differences, full = Random(SEED), [], 0
    expressions = Expressions(random)
    for number in range(EXPRESSIONS):
        query = expressions.one(random.choice((1, 2, 3)))
        answers = []
        at = BASE + 60 * random.randrange(5, SPAN // 60) + QUERY_OFFSET
        asked = (at - 60 * random.randrange(4, 20), at, random.choice((30, 60)))
        for server in (both.ours, both.prometheus):
            answers.append(server.query(query, at) if number % 3 else server.query_range(query, *asked))
        differs = difference(*answers)
        full += bool(answers[0])
        differences += [f"{query} at {asked}: {differs}"] if differs else []
    note("Expressions asked of our server and of Prometheus", asked=EXPRESSIONS, not_empty=full, different=len(differences), seed=SEED)
    assert differences == []
    assert full > EXPRESSIONS / 2


def test_the_library_finds_its_way(library: PrometheusConnect, api: MetricsApi) -> None:
    between = {"start": BASE, "end": NOW}
    assert library.custom_query("count(temperature)", params={"time": NOW})[0]["value"][1].isdigit()
    ranges = library.custom_query_range("sum(load)", START, AT, step="60s")
    assert len(ranges[0]["values"]) == 59
    assert library.get_label_names(params=between) == ["__name__", "host", "job", "le", "version"]
    assert library.get_label_values("job", params={"match[]": "temperature", **between}) == ["api", "console", "worker"]
    assert sorted(one["host"] for one in library.get_series(START, AT, {"match[]": 'load{job="api"}'})) == ["a", "b", "c", "d"]
    assert library.get_metric_metadata("") == []
    assert library.get_targets()["activeTargets"] == []
    with pytest.raises(PrometheusApiClientException, match="400"):
        library.custom_query("sum(")


def test_our_client_reads_both_alike(source: MetricsClient) -> None:
    reading = source.range("sum by (job) (rate(requests_total[5m]))", START, AT, 60)
    assert isinstance(reading, Fresh)
    assert [dict(curve.labels)["job"] for curve in reading.value.curves] == ["api", "console", "worker"]
    assert reading.value.kind == "matrix" and reading.value.samples
    assert isinstance(source.instant("nothing_of_this_name", AT), Empty)
    assert isinstance(source.instant('"text"', AT), Fresh) and isinstance(source.instant("1", AT), Fresh)
    assert isinstance(source.server(), Fresh)
    assert isinstance(source.exemplars("load", START, AT), Empty)


@pytest.mark.parametrize(("query", "kind"), [("sum(", "bad_data"), ("load * on (job) temperature", "execution"), ("foo @ -", "bad_data")])
def test_a_wrong_query_is_wrong_in_both(source: MetricsClient, query: str, kind: str) -> None:
    with pytest.raises(QueryProblem) as problem:
        source.instant(query, AT)
    assert problem.value.kind == kind
    assert (problem.value.position is not None) == (kind == "bad_data")


TIME = f"{AT:%Y-%m-%dT%H:%M:%S}"
WRONG: list[tuple[str, dict[str, Any], int]] = [
    ("query", {"query": "1", "time": "yesterday"}, 400),
    ("query", {"query": "1", "time": TIME}, 400),
    ("query", {"query": "1", "time": f"{TIME}Z"}, 200),
    ("query", {"query": "1", "time": f"{TIME}.5+01:00"}, 200),
    ("query", {"query": "1", "timeout": "soon"}, 400),
    ("query", {"query": "1", "timeout": "1s"}, 200),
    ("query", {}, 400),
    ("query_range", {"query": "1", "start": 0, "end": 60, "step": "1m"}, 200),
    ("query_range", {"query": "1", "start": 0, "end": 60, "step": "0"}, 400),
    ("query_range", {"query": "1", "start": 60, "end": 0, "step": 1}, 400),
    ("query_range", {"query": "1", "start": 0, "end": 1e9, "step": 1}, 400),
    ("query_range", {"query": "load[5m]", "start": 0, "end": 60, "step": 1}, 400),
    ("series", {}, 400),
    ("series", {"match[]": "{"}, 400),
    ("series", {"match[]": "load", "start": "x"}, 400),
    ("labels", {"match[]": "load", "start": BASE, "end": NOW}, 200),
    ("label/job/values", {"start": "soon"}, 400),
    ("rules", {"type": "other"}, 400),
    ("rules", {"type": "record"}, 200),
    ("alerts", {}, 200),
    ("metadata", {"limit": "x"}, 400),
    ("metadata", {"metric": "load"}, 200),
    ("query_exemplars", {"query": "load", "start": BASE, "end": NOW}, 200),
    ("query_exemplars", {"query": "(", "start": BASE, "end": NOW}, 400),
    ("format_query", {"query": "sum by(job)(load)"}, 200),
    ("status/buildinfo", {}, 200),
    ("nothing", {}, 404),
]  # fmt: skip


@pytest.mark.parametrize(("path", "params", "status"), WRONG)
def test_both_say_the_same_of_a_request(both: Both, path: str, params: dict[str, Any], status: int) -> None:
    answers = [server.get(f"/api/v1/{path}", **params) for server in (both.ours, both.prometheus)]
    assert [answer.status_code for answer in answers] == [status, status], [answer.text for answer in answers]
    if status != 404:
        assert len({str(answer.json().get("errorType")) for answer in answers}) == 1
        assert answers[0].json().keys() == answers[1].json().keys()


def test_queries_are_written_out_alike(both: Both) -> None:
    for query in (
        'sum by(job)(rate(load{job=~"a.*"}[5m:30s] offset 1h))', "-(1+2)*3^2^-1", "a and on(b) c or d unless ignoring(e) f",
        "x * on (a) group_left (b) y", 'topk(3, {__name__="odd name"})', "a @ 1.5 + b @ start() > bool 1e3", '(a+b)[5m:]', "1 - (2 - 3)",
    ):  # fmt: skip
        said = [server.get("/api/v1/format_query", query=query).json()["data"] for server in (both.ours, both.prometheus)]
        assert _plain(said[0]) == _plain(said[1])


def _plain(text: str) -> str:
    """Without line breaks and parentheses, which Prometheus keeps as they were written."""
    return "".join(text.replace("(", "").replace(")", "").split())
