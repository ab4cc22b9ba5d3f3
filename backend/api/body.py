"""A request's body, read within bounds of size and time, whatever its headers promise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Receive, Scope

from backend.api.context import notes_in
from backend.api.problems import RequestRefused

LARGEST_BODY = 512 * 1024
WHOLE = "astrolabe.whole"
"""Set by a server that has the whole body already, so that nobody has to be waited for."""
_READ = "astrolabe.body"


async def read_body(scope: Scope, receive: Receive, seconds: float) -> bytes:
    """What was sent as JSON, not yet parsed; the headers are judged before a byte is read. Asked again it is the same."""
    kept: bytes | None = scope.get(_READ)
    if kept is not None:
        return kept
    _judge_headers(notes_in(scope).headers)
    scope[_READ] = body = await _read(receive) if scope.get(WHOLE) else await _in_time(receive, seconds)
    return body


async def _in_time(receive: Receive, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive)
    except TimeoutError:
        raise RequestRefused("body_timeout", f"the body was not complete after {seconds:g} s") from None


def _judge_headers(headers: Mapping[bytes, str]) -> None:
    declared = headers.get(b"content-length", "")
    if declared.isdecimal() and int(declared[:20]) > LARGEST_BODY:
        raise _too_large()
    if headers.get(b"content-encoding", "identity").strip().lower() != "identity":
        raise RequestRefused("unsupported_media_type", "a compressed body is not accepted; leave out Content-Encoding")
    kind = headers.get(b"content-type", "")
    if kind == "application/json":  # as nearly everybody writes it
        return
    media_type, _, parameters = kind.lower().partition(";")
    if media_type.strip() != "application/json":
        raise RequestRefused("unsupported_media_type", "Content-Type has to be application/json")
    if parameters.replace(" ", "") not in ("", "charset=utf-8", 'charset="utf-8"'):
        raise RequestRefused("unsupported_media_type", "the body has to be UTF-8, and Content-Type to say nothing else")


async def _read(receive: Receive) -> bytes:
    """All of it, counted while it comes, as a chunked body declares no length."""
    data = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestRefused("bad_http", "the connection ended before the body did")
        data += message.get("body", b"")
        if len(data) > LARGEST_BODY:
            raise _too_large()
        if not message.get("more_body", False):
            return bytes(data)


def _too_large() -> RequestRefused:
    return RequestRefused("body_too_large", f"the body is larger than {LARGEST_BODY // 1024} kB")
