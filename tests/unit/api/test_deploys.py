"""POST /v1/deploys: read strictly, told once or twice the same, for keys of the scope 'operations' alone."""

from __future__ import annotations

import pytest

from tests.unit.api.builders import KEY, OPERATIONS_KEY, Api

pytestmark = pytest.mark.anyio
TOLD = {"id": "run-8812", "version": "4.2.1", "note": "Faster houses", "link": "https://ci.example/8812"}


async def test_a_deploy_is_recorded_once_however_often_it_is_told() -> None:
    async with Api().client(OPERATIONS_KEY) as client:
        first, again = await client.post("/v1/deploys", json=TOLD), await client.post("/v1/deploys", json=TOLD)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["service"] == "astrolabe"


async def test_an_id_that_is_another_deploys_is_a_conflict() -> None:
    async with Api().client(OPERATIONS_KEY) as client:
        await client.post("/v1/deploys", json=TOLD)
        other = await client.post("/v1/deploys", json={**TOLD, "version": "4.2.2"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


async def test_a_key_that_only_computes_may_not_tell_of_deploys() -> None:
    api = Api()
    async with api.client(KEY) as client:
        answer = await client.post("/v1/deploys", json=TOLD)
    assert answer.status_code == 403
    assert "operations" in answer.json()["detail"]
    assert not api.deploys.kept


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 4}, "version"), ({"id": None}, "id"), ({"at": "yesterday"}, "at"), ({"at": 17}, "at"), ({"who": "me"}, "who"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_named(change: dict[str, object], field: str) -> None:
    async with Api().client(OPERATIONS_KEY) as client:
        answer = await client.post("/v1/deploys", json={**TOLD, **change})
    assert answer.status_code == 422
    assert [problem["name"] for problem in answer.json()["errors"]] == [field]
