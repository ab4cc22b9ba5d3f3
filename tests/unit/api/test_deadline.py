"""How long a caller will wait, by its own word: we take no longer, and never longer than our own limit."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from backend.answer import Answer
from backend.clock import SystemClock
from backend.resilience import deadline
from tests.unit.api.builders import BODY, Api

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Watching:
    """Notes how much time was left when its turn came; one that is told to waits for the test's end."""

    def __init__(self) -> None:
        self.left: list[float] = []
        self.stands_still = False
        self.over = threading.Event()

    def compute(self, _actor: Any, request: Any) -> Answer[Any]:
        left = deadline.remaining(SystemClock())
        assert left is not None
        self.left.append(left)
        if self.stands_still:
            self.over.wait(10)
        return Answer(request, "files")


@pytest.fixture
def charts() -> Watching:
    return Watching()


@pytest.fixture
def api(charts: Watching) -> Api:
    return Api(charts=charts, clock=SystemClock())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sent", "most", "least"), [("4000", 4.0, 1.0), ("60000", 10.0, 5.0), (None, 10.0, 5.0), ("soon", 10.0, 5.0), ("-5", 10.0, 5.0)]
)
async def test_the_shorter_of_both_counts(api: Api, charts: Watching, sent: str | None, most: float, least: float) -> None:
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY, headers={deadline.HEADER: sent} if sent else {})
    assert answer.status_code == 200
    assert least <= charts.left[0] <= most


async def test_who_will_wait_no_longer_is_answered_in_time(api: Api, charts: Watching) -> None:
    charts.stands_still = True
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY, headers={deadline.HEADER: "50"})
    charts.over.set()
    assert answer.status_code == 504 and answer.json()["code"] == "deadline_exceeded"


async def test_what_comes_too_late_is_not_begun(api: Api, charts: Watching) -> None:
    async with api.client() as client:
        answer = await client.post("/v1/charts", json=BODY, headers={deadline.HEADER: "0"})
    assert answer.status_code == 504 and charts.left == []
