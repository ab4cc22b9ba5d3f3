"""Made-up paths, methods, queries, headers and bodies add no series to the metrics."""

from __future__ import annotations

import re

import pytest

from tests.unit.api.builders import Api

pytestmark = pytest.mark.anyio
TIMES = 60
ODD_METHOD = "BREW"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def lines(api: Api) -> set[str]:
    """What stands before the values."""
    return {line.rpartition(" ")[0] for line in api.series.exposition().decode().splitlines() if not line.startswith("#")}


async def test_an_attack_by_path_method_header_and_body_adds_no_series() -> None:
    api = Api()
    async with api.client() as client:

        async def attack(number: int) -> None:
            made_up = f"x{number}"
            told = {"X-Request-Id": made_up, "User-Agent": made_up, "traceparent": made_up, "Accept": made_up, "Host": made_up}
            await client.get(f"/v1/{made_up}")
            await client.request(f"{ODD_METHOD}{number}", "/v1/charts")
            await client.get("/v1/places", params={made_up: made_up})
            await client.post("/v1/charts", json={made_up: made_up, "house_system": made_up}, headers=told)
            await client.post("/v1/charts", json={}, headers={**told, "Authorization": f"Bearer {made_up}"})

        for number in range(3):
            await attack(number)
        before = lines(api)
        for number in range(3, TIMES):
            await attack(number)
    assert lines(api) == before
    assert not any(re.search(r"\bx\d+\b|BREW", line) for line in before)
    assert b"cardinality_dropped_total{" not in api.series.exposition()
