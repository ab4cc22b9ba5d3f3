"""What of a regression set may hold birth data, sealed and opened: requests, titles of entries, documents, differences."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from backend.accounts.codes import RandomBytes
from backend.accounts.sealing import Seal
from backend.errors import NotFound
from backend.regression.judging import Judged
from backend.regression.record import LARGEST_DOCUMENT, Entry, Result, Verdict, Versions
from backend.regression.store import EntryRow, ResultRow
from backend.regression.values import Difference, Unit

LARGEST_REQUEST = 64 * 1024
_LARGEST_RESULT = 8 * LARGEST_DOCUMENT  # larger than any answer that is read


class Vault:
    """Each value is bound to its row and to what it is there."""

    def __init__(self, secret: str, random_bytes: RandomBytes = secrets.token_bytes) -> None:
        self._seal = Seal(secret, "regression sets, 1", random_bytes)

    def close_title(self, entry_id: str, title: str) -> bytes:
        return self._seal.close(f"{entry_id}/title", title.encode())

    def close_request(self, entry_id: str, body: Mapping[str, Any]) -> bytes:
        return self._seal.close_json(f"{entry_id}/request", body, largest_bytes=LARGEST_REQUEST)

    def request(self, row: EntryRow) -> dict[str, Any]:
        opened: dict[str, Any] = self._seal.open_json(f"{row.id}/request", row.request)
        return opened

    def entry(self, row: EntryRow) -> Entry:
        title = self._seal.open_or(f"{row.id}/title", row.title)
        return Entry(row.id, row.set_id, title, row.technique, row.created_by, row.created_at, row.expectation)

    def close_document(self, expectation_id: str, document: Mapping[str, Any]) -> bytes:
        return self._seal.close_json(f"{expectation_id}/document", document, largest_bytes=LARGEST_DOCUMENT, field="document")

    def document(self, expectation_id: str, sealed: bytes) -> dict[str, Any]:
        opened: dict[str, Any] = self._seal.open_json(f"{expectation_id}/document", sealed)
        return opened

    def close_result(self, name: str, judged: Judged, answer: Mapping[str, Any] | None) -> bytes:
        """The differences, and the answer where it was not the one expected, so that it can be accepted as it was looked at."""
        body = {
            "why": judged.why,
            "more": judged.more,
            "differences": [asdict(one) for one in judged.differences],
            "answer": answer if judged.verdict is Verdict.DRIFTED else None,
        }
        return self._seal.close_json(f"{name}/result", body, largest_bytes=_LARGEST_RESULT)

    def result(self, row: ResultRow, title: str) -> Result:
        try:
            body = self._opened(row)
        except NotFound as error:
            body = {"differences": [], "more": 0, "why": error.detail, "answer": None}
        found = tuple(Difference(**{**one, "unit": Unit(one["unit"])}) for one in body["differences"])
        return Result(
            row.run_id,
            row.entry_id,
            title,
            row.at,
            Verdict(row.verdict),
            row.expectation,
            Versions(**row.versions),
            row.largest_arcseconds,
            row.beyond,
            found,
            body["more"],
            body["why"],
            body["answer"] is not None,
        )

    def answer(self, row: ResultRow) -> dict[str, Any] | None:
        """What was answered, where it was kept."""
        answer: dict[str, Any] | None = self._opened(row)["answer"]
        return answer

    def _opened(self, row: ResultRow) -> dict[str, Any]:
        opened: dict[str, Any] = self._seal.open_json(f"{row.run_id}/{row.entry_id}/result", row.body)
        return opened
