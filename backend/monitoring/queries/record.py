"""The nouns of kept queries, and what one may hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast, get_args

from backend.errors import InvalidRequest

MOST_QUERIES = 6  # in one view
LONGEST_QUERY_BYTES = 4096  # what the engine takes
LONGEST_TITLE = 80
LONGEST_STEP = 16
Kind = Literal["range", "instant"]


@dataclass(frozen=True)
class View:
    """What is asked together: PromQL expressions, over a range or at one instant, and the step as it was chosen ('auto', '30s')."""

    queries: tuple[str, ...]
    kind: Kind = "range"
    step: str = "auto"


@dataclass(frozen=True)
class SavedQuery:
    """A view under a title. Its owner alone changes it; once shared, everybody who may explore metrics sees it."""

    id: str
    title: str
    view: View
    owner_id: str
    owner_name: str
    created_at: datetime
    shared_at: datetime | None

    @property
    def is_shared(self) -> bool:
        return self.shared_at is not None


@dataclass(frozen=True)
class AskedQuery:
    """One expression that an operator asked, and when last."""

    query: str
    asked_at: datetime


def checked_title(text: str) -> str:
    """The title without white space around it; InvalidRequest naming the field 'title' when it is none."""
    title = " ".join(str(text).split())
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        raise InvalidRequest.of("title", "invalid_title", f"Give it a title of 1 to {LONGEST_TITLE} characters.")
    return title


def checked_view(queries: Sequence[str], kind: str, step: str) -> View:
    """The view without empty queries; InvalidRequest naming the field that is wrong. Whether a query means anything, the engine says."""
    kept = tuple(checked_query(query) for query in queries if query.strip())
    if not kept or len(kept) > MOST_QUERIES:
        raise InvalidRequest.of("queries", "wrong_number", f"A saved query holds 1 to {MOST_QUERIES} expressions.")
    if kind not in get_args(Kind):
        raise InvalidRequest.of("kind", "unknown", "A query is asked over a 'range' or at one 'instant'.")
    if not step or len(step) > LONGEST_STEP or not step.isprintable():
        raise InvalidRequest.of("step", "invalid", "The step is 'auto', 'fine' or a duration such as 30s.")
    return View(kept, cast("Kind", kind), step)


def checked_query(text: str) -> str:
    """The expression as it was written; InvalidRequest when it is too long to be one, or no text that a database holds."""
    query = text.strip()
    if not query or len(query.encode(errors="replace")) > LONGEST_QUERY_BYTES or not _is_text(query):
        raise InvalidRequest.of("query", "invalid", f"A query has 1 to {LONGEST_QUERY_BYTES} bytes of text.")
    return query


def _is_text(query: str) -> bool:
    return "\x00" not in query and not any("\ud800" <= sign <= "\udfff" for sign in query)
