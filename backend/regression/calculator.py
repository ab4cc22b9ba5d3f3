"""Asking the API: a port, and the way over HTTP that every caller has too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from backend.errors import DependencyFailed
from backend.integrations.http_client import Fetch

SECONDS = 15.0
_PATHS = {"natal": "charts"}
_NO_DOCUMENT = "the answer cannot be read"


@dataclass(frozen=True)
class Calculated:
    """What the API said: a document, or a sentence on why there is none."""

    document: dict[str, Any] | None
    problem: str = ""


class Calculator(Protocol):
    """The API, whoever asks it."""

    def ask(self, technique: str, body: Mapping[str, Any]) -> Calculated: ...

    def product(self) -> str:
        """The version of the product that answers; empty: unknown."""


class ApiCalculator:
    """The API at one address with a key; nothing is answered from a cache, as it is the calculation that is asked after."""

    def __init__(self, fetch: Fetch, base: str, key: str) -> None:
        self._fetch = fetch
        self._base = base.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}", "accept": "application/json", "cache-control": "no-cache"}

    def ask(self, technique: str, body: Mapping[str, Any]) -> Calculated:
        """``POST /v1/<technique>``, ``/v1/charts`` for a natal chart."""
        headers = {**self._headers, "content-type": "application/json"}
        path = f"/v1/{_PATHS.get(technique, technique)}"
        try:
            fetched = self._fetch("POST", self._base + path, seconds=SECONDS, headers=headers, body=orjson.dumps(body))
        except DependencyFailed as error:
            return Calculated(None, error.detail)
        document = _object(fetched.body)
        if fetched.status == 200 and document is not None:
            return Calculated(document)
        return Calculated(None, problem_words(fetched.status, document or {"detail": _NO_DOCUMENT}))

    def product(self) -> str:
        """From the API's own root."""
        try:
            fetched = self._fetch("GET", self._base + "/", seconds=SECONDS, headers={"accept": "application/json"})
        except DependencyFailed:
            return ""
        return str((_object(fetched.body) or {}).get("version") or "")


def problem_words(status: int, problem: Mapping[str, Any]) -> str:
    """A problem document as one sentence, its fields named."""
    fields = [f"{one.get('name')}: {one.get('detail')}" for one in problem.get("errors") or () if isinstance(one, Mapping)]
    words = "; ".join(fields) or str(problem.get("detail") or problem.get("title") or _NO_DOCUMENT)
    return f"{words} (status {status})" if status else words


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
