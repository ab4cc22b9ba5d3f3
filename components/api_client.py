"""The console as a caller of the API: what a developer tries in the playground is what a caller gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from backend.accounts.keys import console_token
from backend.errors import DependencyFailed
from backend.integrations.http_client import Fetch, Fetched, Fetcher
from components.services import services

SECONDS = 6.0
SEARCH_SECONDS = 12.0  # longer than the API lets a search go on
DESCRIPTION_SECONDS = 60.0
NATAL = "natal"


@dataclass(frozen=True)
class ApiAnswer:
    """What the API said: a document, or a problem; and how long the exchange took, with the way there and back."""

    status: int
    body: dict[str, Any]
    took_seconds: float
    request_id: str = ""
    size: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.status == 200


class ApiClient:
    """The API at one address, with the console's own key."""

    def __init__(self, fetch: Fetch, base: str, key: str, clock: Any) -> None:
        self._fetch = fetch
        self._base = base.rstrip("/")
        self._clock = clock
        self._description: tuple[float, ApiAnswer] | None = None
        self._headers = {"authorization": f"Bearer {key}", "accept": "application/json"}

    def chart(self, body: Mapping[str, Any]) -> ApiAnswer:
        """POST /v1/charts."""
        return self._exchange("POST", "/v1/charts", _written(body))

    def technique(self, name: str, body: Mapping[str, Any]) -> ApiAnswer:
        """POST /v1/<name>, or the natal chart's resource for 'natal'."""
        if name == NATAL:
            return self.chart(body)
        return self._exchange("POST", f"/v1/{quote(name, safe='')}", _written(body), SEARCH_SECONDS)

    def description(self) -> ApiAnswer:
        """GET /openapi.json: what the API says of itself, kept for a minute; a failure is not kept."""
        kept = self._description
        if kept is None or self._clock.monotonic() - kept[0] > DESCRIPTION_SECONDS:
            answer = self._exchange("GET", "/openapi.json", None)
            if not answer.is_good:
                return kept[1] if kept else answer
            self._description = kept = (self._clock.monotonic(), answer)
        return kept[1]

    def places(self, text: str, limit: int = 8) -> ApiAnswer:
        """GET /v1/places."""
        return self._exchange("GET", f"/v1/places?{urlencode({'q': text, 'limit': limit})}", None)

    def _exchange(self, method: str, path: str, body: bytes | None, seconds: float = SECONDS) -> ApiAnswer:
        headers = {**self._headers, "content-type": "application/json"} if body is not None else self._headers
        begun = self._clock.monotonic()
        try:
            fetched = self._fetch(method, self._base + path, seconds=seconds, headers=headers, body=body)
        except DependencyFailed as error:
            return ApiAnswer(0, {"title": "The API does not answer", "detail": error.detail}, self._clock.monotonic() - begun)
        took = self._clock.monotonic() - begun
        return ApiAnswer(
            fetched.status, _document(fetched), took, fetched.headers.get("x-request-id", ""), len(fetched.body), fetched.headers
        )


def _written(body: Mapping[str, Any]) -> bytes:
    """As typed: numbers of any size are for the API to judge."""
    return json.dumps(body, ensure_ascii=False).encode()


def _document(fetched: Fetched) -> dict[str, Any]:
    try:
        found = json.loads(fetched.body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"title": "The API's answer cannot be read", "detail": f"status {fetched.status}"}


def api() -> ApiClient:
    """The client of this process."""
    here = services()
    return getattr(here, "chart_api", None) or _client(here.settings_view.api_base, here.secret)


@cache
def _client(base: str, secret: str) -> ApiClient:
    clock = services().clock
    return ApiClient(Fetcher("the API", clock), base, console_token(secret), clock)
