"""The HTTP API around whatever answers: parameters from address and form, errors as documents, and who may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from backend.errors import QueryProblem
from backend.metrics_server import questions
from backend.metrics_server.app import Parts, create_app
from backend.metrics_server.documents import failure
from backend.metrics_server.pool import Pool
from backend.metrics_server.questions import Question, Said
from backend.monitoring.promql.engine import Limits
from backend.monitoring.rules.documents import RuleDesk
from backend.telemetry.metrics_server_series import QuestionCounts
from tests.support.clock import START, ManualClock

NOW = int(START.timestamp() * 1000)
LOOPBACK = "http://127.0.0.1:9464"


class FakePool:
    """Notes what it is asked; answers, or raises."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, float]] = []
        self.said: Said | QueryProblem = Said(200, b'{"status":"success","data":[]}')

    async def ask(self, question: Question, seconds: float) -> Said:
        self.asked.append((question, seconds))
        if isinstance(self.said, QueryProblem):
            raise self.said
        return self.said


@pytest.fixture
def pool() -> FakePool:
    return FakePool()


@pytest.fixture
def counts() -> QuestionCounts:
    return QuestionCounts()


@pytest.fixture
def client(pool: FakePool, counts: QuestionCounts, tmp_path: Path) -> TestClient:
    rules = RuleDesk(tmp_path, tmp_path / "state.json")
    fake = cast(Pool, pool)
    parts = Parts(
        fake,
        fake,
        Limits(seconds=10),
        ManualClock(),
        "1.2",
        rules,
        lambda accept: ("text/plain; version=0.0.4; charset=utf-8", b"up 1\n"),
        counts,
    )
    return TestClient(create_app(parts), base_url=LOOPBACK)


def asked(pool: FakePool) -> Any:
    return pool.asked[-1][0]


def test_a_query_is_read_from_address_and_form(client: TestClient, pool: FakePool) -> None:
    client.get("/api/v1/query", params={"query": "up", "timeout": "2s", "limit": "3"})
    assert pool.asked[-1] == (questions.Instant("up", NOW, 2.0, 3), 2.0)
    client.post("/api/v1/query", data={"query": "down", "time": "5"}, params={"query": "up", "stats": "all"})
    assert asked(pool) == questions.Instant("down", 5000, 10.0, 0, True)
    client.post("/api/v1/query_range", data={"query": "up", "start": "0", "end": "60", "step": "1m", "timeout": "1h"})
    assert asked(pool) == questions.Range("up", 0, 60_000, 60_000, 10.0)


def test_lists_are_asked_with_selectors_and_times(client: TestClient, pool: FakePool) -> None:
    client.get("/api/v1/series?match[]=a&match[]=b&start=1&end=2&limit=5")
    assert asked(pool) == questions.SeriesList(("a", "b"), 1000, 2000, 5)
    client.get("/api/v1/label/job/values?match[]=a&start=1&end=2")
    assert asked(pool) == questions.LabelValues("job", ("a",), 1000, 2000)
    client.get("/api/v1/label/U__a_2e_b__c/values?start=1&end=2")
    assert asked(pool) == questions.LabelValues("a.b_c", (), 1000, 2000)
    client.post("/api/v1/labels", data={"start": "1", "end": "2"})
    assert asked(pool) == questions.LabelNames((), 1000, 2000)
    client.get("/api/v1/metadata?metric=up&limit=1&limit_per_metric=2")
    assert asked(pool) == questions.MetadataOf("up", 1, 2)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("query", 'invalid parameter "query": it is missing'),
        ("query?query=up&timeout=0", "more than 0"),
        ("query_range?query=up&start=0&end=20000&step=1", "more than 11000 points"),
        ("label/U___zz_/values", "invalid label name"),
        ("series?match[]=a&start=2&end=1", "must not be before"),
        ("query?" + "&".join(f"a{n}=1" for n in range(1001)), "more than 1000 parameters"),
    ],
)
def test_what_is_wrong_is_a_document_and_asked_of_nobody(client: TestClient, pool: FakePool, path: str, words: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json()["status"], answer.json()["errorType"]) == (400, "error", "bad_data")
    assert words in answer.json()["error"] and pool.asked == []


@pytest.mark.parametrize(
    ("kind", "status"), [("bad_data", 400), ("execution", 422), ("timeout", 503), ("unavailable", 503), ("internal", 500)]
)
def test_each_kind_of_error_has_its_status(client: TestClient, pool: FakePool, counts: QuestionCounts, kind: str, status: int) -> None:
    pool.said = QueryProblem(kind, "why")
    answer = client.get("/api/v1/query?query=up")
    assert (answer.status_code, answer.json()) == (status, {"status": "error", "errorType": kind, "error": "why"})
    assert answer.headers.get("retry-after") == ("1" if status == 503 else None)
    assert counts.answered["/api/v1/query", status] == 1


def test_a_place_is_told_by_line_and_column_in_bytes() -> None:
    said = failure(QueryProblem("bad_data", "unexpected )", 4), "é\n +)")
    assert said.body == b'{"status":"error","errorType":"bad_data","error":"invalid parameter \\"query\\": 2:3: parse error: unexpected )"}'
    assert b"1:3: parse" in failure(QueryProblem("bad_data", "no", 1), "é)").body


def test_a_write_has_to_be_of_a_form_that_no_web_page_can_send(client: TestClient, pool: FakePool) -> None:
    pool.said = Said(204, b"")
    packed = {"content-type": "application/x-protobuf", "content-encoding": "snappy"}
    assert client.post("/api/v1/write", content=b"x", headers=packed).status_code == 204
    assert asked(pool) == questions.Written(b"x")
    assert client.post("/api/v1/write", content=b"x").status_code == 415
    assert client.post("/api/v1/write", content=b"x" * 16_000_001, headers=packed).status_code == 400
    assert client.post("/api/v1/query", content=b"query=" + b"x" * 1_000_000).status_code == 400


def test_only_loopback_asks_and_no_other_site(client: TestClient) -> None:
    assert client.get("/-/healthy").status_code == client.get("/livez").status_code == 200
    assert client.get("/-/healthy", headers={"host": "localhost:9464"}).status_code == 200
    assert client.get("/-/healthy", headers={"host": "evil.example"}).status_code == 403
    assert client.get("/-/healthy", headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_what_is_not_there_is_404_and_what_is_not_meant_405(client: TestClient) -> None:
    assert client.get("/api/v1/nothing").status_code == 404
    assert client.post("/api/v1/rules").status_code == 405


def test_what_the_server_knows_by_itself(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("groups: [{name: g, rules: [{record: a, expr: up}]}]")
    (group,) = client.get("/api/v1/rules").json()["data"]["groups"]
    assert (group["name"], group["rules"][0]["type"], group["rules"][0]["health"]) == ("g", "recording", "unknown")
    assert client.get("/api/v1/alerts").json()["data"] == {"alerts": []}
    assert client.get("/api/v1/status/buildinfo").json()["data"]["version"] == "1.2"
    assert client.get("/metrics").text == "up 1\n"
