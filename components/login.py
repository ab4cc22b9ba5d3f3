"""Signing in and out, set-up and invitations: routes of our own, before Streamlit, without script."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from backend.errors import Conflict, InvalidRequest, LimitExceeded, NotFound, ServiceError, StorageUnavailable, Unauthenticated
from components import doorway, own_pages, policy
from components.doorway import Address
from components.forms import came_from_us, form_token, safe_next, token_matches
from components.wording import may_say, say

_LARGEST_FORM = 16_384
_SESSION_SECONDS = 12 * 3600
_FORM_SECONDS = 3600


@dataclass(frozen=True)
class Parts:
    """What the routes need of the backend; ``accounts`` is its AccountService."""

    accounts: Any
    secret: str


class Login:
    """The routes, over whatever ``parts`` and ``address`` answer when a request comes."""

    def __init__(self, parts: Callable[[], Parts], address: Callable[[], Address]) -> None:
        self._parts = parts
        self._address = address

    def routes(self) -> list[Route]:
        return [
            Route("/livez", _alive, methods=["GET"]),
            Route("/login", self._show("sign_in"), methods=["GET"]),
            Route("/login", self._taken("sign_in", self._sign_in), methods=["POST"]),
            Route("/setup", self._show("setup"), methods=["GET"]),
            Route("/setup", self._taken("setup", self._redeem), methods=["POST"]),
            Route("/join", self._show("join"), methods=["GET"]),
            Route("/join", self._taken("join", self._redeem), methods=["POST"]),
            Route("/logout", self._show("logout"), methods=["GET"]),
            Route("/logout", self._taken("logout", self._sign_out), methods=["POST"]),
        ]

    def _show(self, form: str) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            target = safe_next(request.query_params.get("next"))
            try:
                elsewhere = await asyncio.to_thread(self._elsewhere, form, request, target)
            except StorageUnavailable:
                away = self._page(request, form, 503, wrong=say("login.wrong.away"))
                away.headers["retry-after"] = "5"
                return away
            if elsewhere:
                return RedirectResponse(elsewhere, 303)
            why = may_say(f"login.why.{request.query_params.get('why', '')}") or ""
            return self._page(request, form, 200, next_address=target, why=why)

        return show

    def _elsewhere(self, form: str, request: Request, target: str) -> str | None:
        """Where this visitor belongs instead, if not here."""
        if form in {"sign_in", "setup"}:
            empty = self._parts().accounts.needs_setup()
            if empty != (form == "setup"):
                return "/setup" if empty else "/login"
        token = doorway.cookie(request.scope, self._cookie("session"))
        if form == "sign_in" and token and self._parts().accounts.session_of(token, active=False):
            return target
        return None

    def _taken(self, form: str, act: Callable[[Request, Mapping[str, str]], Response]) -> Callable[[Request], Awaitable[Response]]:
        """The act of a posted form, once it is certain that our own page sent it."""

        async def take(request: Request) -> Response:
            origin = self._address().origin(request.scope)
            if origin is None or not came_from_us(request.headers, origin):
                return PlainTextResponse("This form did not come from this console.", 403)
            fields = await _fields(request)
            if fields is None:
                return PlainTextResponse("That is not a form of this console.", 413)
            target = safe_next(fields.get("next"))
            nonce = doorway.cookie(request.scope, self._cookie("form"))
            if not token_matches(self._parts().secret, nonce, fields.get("token", "")):
                return self._page(request, form, 403, next_address=target, wrong=say("login.wrong.stale"), name=fields.get("name", ""))
            try:
                return await asyncio.to_thread(act, request, fields)
            except ServiceError as error:
                status, sentence, headers = _told(error, form)
                answer = self._page(request, form, status, next_address=target, wrong=sentence, name=fields.get("name", ""))
                answer.headers.update(headers)
                return answer

        return take

    def _sign_in(self, request: Request, fields: Mapping[str, str]) -> Response:
        signed_in = self._parts().accounts.sign_in(
            fields.get("name", ""),
            fields.get("password", ""),
            self._address().client(request.scope),
            request.headers.get("user-agent", "")[:200],
        )
        answer = RedirectResponse(safe_next(fields.get("next")), 303)
        self._set(answer, "session", signed_in.token, _SESSION_SECONDS)
        self._drop(answer, "form")
        return answer

    def _redeem(self, request: Request, fields: Mapping[str, str]) -> Response:
        setup = request.url.path == "/setup"
        self._parts().accounts.redeem(
            fields.get("code", "").strip(), fields.get("name", ""), fields.get("password", ""), self._address().client(request.scope)
        )
        return RedirectResponse(f"/login?why={'created' if setup else 'joined'}", 303)

    def _sign_out(self, request: Request, _fields: Mapping[str, str]) -> Response:
        token = doorway.cookie(request.scope, self._cookie("session"))
        if token:
            self._parts().accounts.sign_out(token)
        answer = RedirectResponse("/login?why=signed_out", 303)
        self._drop(answer, "session")
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

    def _page(self, request: Request, form: str, status: int, **words: str) -> Response:
        """The form, with a new token bound to this browser."""
        nonce = doorway.cookie(request.scope, self._cookie("form")) or secrets.token_urlsafe(18)
        body = own_pages.page(form, form_token(self._parts().secret, nonce), **words)
        answer = HTMLResponse(body, status)
        answer.headers["content-security-policy"] = policy.own_page(own_pages.style())
        answer.headers["cache-control"] = "no-store"
        self._set(answer, "form", nonce, _FORM_SECONDS)
        return answer

    def _cookie(self, name: str) -> str:
        return doorway.cookie_name(self._address().secure, name)

    def _set(self, answer: Response, name: str, value: str, seconds: int) -> None:
        secure = self._address().secure
        answer.set_cookie(self._cookie(name), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")

    def _drop(self, answer: Response, name: str) -> None:
        secure = self._address().secure
        answer.delete_cookie(self._cookie(name), path="/", secure=secure, httponly=True, samesite="lax")


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n", headers={"cache-control": "no-store"})


async def _fields(request: Request) -> dict[str, str] | None:
    """The form's fields, or None when it is too large or no form."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/x-www-form-urlencoded":
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return None
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return None


def _told(error: ServiceError, form: str) -> tuple[int, str, dict[str, str]]:
    """Status, sentence and headers for what went wrong."""
    match error:
        case LimitExceeded():
            wait = max(1, round(error.retry_after_seconds))
            return 429, say("login.wrong.limited", seconds=wait), {"retry-after": str(wait)}
        case Unauthenticated() if form == "sign_in":
            return 401, say("login.wrong.refused"), {}
        case Unauthenticated() | NotFound():
            return 401, say("login.wrong.code"), {}
        case InvalidRequest():
            return 422, " ".join(problem.detail for problem in error.problems) or error.detail, {}
        case Conflict():
            return 409, error.detail, {}
        case _:
            return 503, say("login.wrong.away"), {"retry-after": "5"}
