"""What a request's record says of what was done for it."""

from __future__ import annotations

import httpx
import pytest

from backend.resilience import outward
from backend.telemetry.finished import FinishedRequest
from backend.telemetry.profiling import Profiling
from tests.unit.api.builders import BODY, Api, KnownKeys

pytestmark = pytest.mark.anyio
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_an_answer_that_was_made_has_its_parts_and_a_kept_one_has_none() -> None:
    api = Api(keys=KnownKeys())
    async with api.client() as client:
        for _ in range(2):
            assert (await client.post("/v1/charts", json=BODY)).status_code == 200
    made, kept = api.records
    names = [part.name for part in made.spans]
    assert names[:1] == ["cache.miss"] and {"cache.fetch", "chart.make", "cache.store"} <= set(names)
    assert all(part.outcome == "ok" and 0 <= part.begins_seconds <= made.seconds for part in made.spans)
    assert made.spans[names.index("chart.make")].parent == names.index("cache.miss")
    assert kept.spans == () and kept.profile is None


async def test_a_profile_stands_in_the_record_of_a_slow_request_that_was_chosen() -> None:
    api = Api(changes={"profiling": Profiling(1.0, 0.000001, lambda: 0.0, interval_seconds=0.0001)})
    async with api.client() as client:
        await client.post("/v1/charts", json=BODY)
    (record,) = api.records
    assert record.profile is not None
    assert b'astrolabe_profiles_total{outcome="kept"} 1.0' in api.series.exposition()


async def test_the_line_and_the_metrics_say_how_it_ended_and_an_example_leads_to_the_request() -> None:
    api = Api()
    async with api.client() as client:
        await client.post("/v1/charts", json=BODY, headers={"X-Request-Id": "find-me"})
        await client.post("/v1/charts", json={})
    assert b'astrolabe_http_errors_total{code="invalid_request",route="/v1/charts"} 1.0' in api.series.exposition()
    _, marked = api.series.exposed("application/openmetrics-text")
    assert b'request_id="find-me"' in marked
    assert b"find-me" not in api.series.exposition()


async def traced(header: str | None) -> tuple[list[FinishedRequest], httpx.Response]:
    finished: list[FinishedRequest] = []
    api = Api(changes={"trace": finished.append})
    async with api.client() as client:
        return finished, await client.post("/v1/charts", json=BODY, headers={"traceparent": header} if header else {})


async def test_a_sampled_trace_of_the_caller_goes_on_under_its_span() -> None:
    (finished,), response = await traced(f"00-{TRACE}-b7ad6b7169203331-01")
    assert (finished.trace_id, finished.parent_id) == (TRACE, "b7ad6b7169203331")
    assert response.headers["traceparent"] == f"00-{TRACE}-{finished.span_id}-01"
    assert finished.spans and finished.route == "/v1/charts"


async def test_a_trace_that_begins_here_is_sent_and_one_that_the_caller_does_not_sample_is_not() -> None:
    (finished,), response = await traced(None)
    assert finished.parent_id == "" and response.headers["traceparent"].endswith("-01")
    none, _ = await traced(f"00-{TRACE}-b7ad6b7169203331-00")
    assert none == []


def test_headers_go_outward_with_the_request_alone() -> None:
    with outward.carrying({"traceparent": "00-x"}):
        assert outward.headers() == {"traceparent": "00-x"}
    assert outward.headers() == {}
