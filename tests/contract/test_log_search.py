"""Search among very many lines answers at once, on both databases. The trial `log-search` holds a million of them."""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text

from backend.monitoring.logs.record import Criteria, checked
from backend.monitoring.logs.service import width_for
from backend.monitoring.logs.store import LogStore
from backend.storage.database import Database
from tests.support.clock import START
from tests.support.figures import say
from tests.support.log_lines import EVENTS, ROUTES, many

LINES = 2_000 * int(os.environ.get("ASTROLABE_TRIALS", "1"))
SPAN = timedelta(days=1)
QUESTIONS = 60 if LINES < 100_000 else 240
LIMIT_SECONDS = 0.2
BATCH = 2_000


def fill(database: Database) -> list[str]:
    """Some request ids of what was filled in."""
    lines, ids = many(LINES, START, SPAN), []
    while batch := list(itertools.islice(lines, BATCH)):
        with database.transaction() as connection:
            store = LogStore(connection)
            store.lock()
            store.append(batch)
        ids.append(batch[0].request_id or "")
    with database.transaction() as connection:
        connection.execute(text("ANALYZE"))
    return ids


def questions(ids: list[str]) -> list[Criteria]:
    """What people ask: words rare and common, several at once, levels, routes, ids, over a minute or a day."""
    chance = random.Random(3)
    kinds: list[Callable[[], dict[str, object]]] = [
        dict,
        lambda: {"text": chance.choice(EVENTS).replace("_", " ")},
        lambda: {"text": f"{chance.choice(EVENTS)} {chance.randrange(40):04d}"},
        lambda: {"text": "chart -transits 404"},
        lambda: {"text": "circ* changed"},
        lambda: {"text": "no such word"},
        lambda: {"text": chance.choice(ids)},
        lambda: {"levels": ("error",)},
        lambda: {"levels": ("warning", "error"), "role": "worker"},
        lambda: {"route": chance.choice(ROUTES), "text": "503"},
        lambda: {"instance": f"0190-{chance.randrange(8):08d}", "levels": ("error",), "text": "request"},
        lambda: {"request_id": chance.choice(ids)},
    ]
    found = []
    for place in range(QUESTIONS):
        length = chance.choice((timedelta(minutes=1), timedelta(hours=1), SPAN, SPAN))
        start = START + (SPAN - length) * chance.random()
        found.append(checked(Criteria(start, start + length, **kinds[place % len(kinds)]())))  # type: ignore[arg-type]
    return found


def test_search_among_many_lines_answers_at_once(database: Database) -> None:
    begun = time.perf_counter()
    ids = fill(database)
    filled = time.perf_counter() - begun
    searches, counts = [], []
    for asked in questions(ids):
        with database.reading() as connection:
            store = LogStore(connection)
            first = time.perf_counter()
            store.search(asked, 200)
            second = time.perf_counter()
            store.counts(asked, width_for(asked, 60))
            searches.append(second - first)
            counts.append(time.perf_counter() - second)
    told = ", ".join(f"{name} p50 {_share(took, 0.5):.1f} ms, p95 {_share(took, 0.95):.1f} ms, longest {max(took) * 1000:.1f} ms"
                     for name, took in (("search", searches), ("counts over time", counts)))  # fmt: skip
    say(f"- {database.dialect}, {LINES:,} lines, taken in at {LINES / filled:,.0f} lines/s, {QUESTIONS} questions: {told}")
    assert _share(searches, 0.95) <= LIMIT_SECONDS * 1000
    assert _share(counts, 0.95) <= LIMIT_SECONDS * 1000


def _share(took: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(took)[min(len(took) - 1, int(len(took) * share))] * 1000
