"""A page that only stays open: its websocket is closed once its session is over, though nobody runs the script."""

from __future__ import annotations

import asyncio
from typing import Any

from backend.errors import StorageUnavailable
from components.doorway import Address
from components.gate import Gate

SCOPE = {
    "type": "websocket",
    "path": "/_stcore/stream",
    "headers": [(b"host", b"127.0.0.1:8501"), (b"origin", b"http://127.0.0.1:8501"), (b"cookie", b"astrolabe_session=t")],
}


def closed_after(answers: list[Any]) -> list[Any]:
    """What was sent to the browser, when the store answers in this order about the session; the page itself never ends."""
    sent: list[Any] = []
    ended: list[bool] = []
    left = iter(answers)

    async def page(_scope: Any, _receive: Any, _send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    def knows(_token: str) -> bool:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    gate = Gate(page, lambda: Address("http://127.0.0.1:8501"), knows, recheck_seconds=0.01)
    asyncio.run(gate(dict(SCOPE), receive, send))
    assert ended in ([True], [])
    return sent


def test_it_is_closed_when_the_session_is_over() -> None:
    assert closed_after([True, True, False]) == [{"type": "websocket.close", "code": 4401}]


def test_it_is_not_closed_because_the_store_is_away() -> None:
    assert closed_after([True, StorageUnavailable("sql"), StorageUnavailable("sql"), False]) == [{"type": "websocket.close", "code": 4401}]


def test_it_is_not_opened_while_the_store_cannot_say_who_it_is() -> None:
    assert closed_after([StorageUnavailable("sql")]) == [{"type": "websocket.close", "code": 4401}]
