"""What an answer costs that this process has at hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import orjson

from backend.charts.caching.cache import AnswerCache
from backend.charts.caching.keys import Keys
from backend.charts.caching.made import Outcome, Served
from backend.charts.caching.memory import Memory
from backend.charts.caching.shared import SharedAnswers
from backend.charts.desk import ChartDesk
from backend.charts.techniques import RESOURCES
from backend.clock import SystemClock
from benchmarks.charts.natal import Figures
from benchmarks.charts.sample import ACTOR, births, ours, request_of
from tests.unit.charts.caching.fakes import Absence, FakeShelf

_SECRET = "a secret of this benchmark alone"


def cache_hit(*, quick: bool) -> Figures:
    """Milliseconds of CPU, by the request's own bytes and by its meaning: parsed, put in canonical form, found."""
    rounds, charts = (3, 20) if quick else (41, 200)
    texts = [orjson.dumps(request_of(birth)) for birth in births(charts)]
    clock = SystemClock()
    with ours() as own:
        cache = AnswerCache(Keys(_SECRET, ["1"]), Memory(), SharedAnswers(FakeShelf(), _SECRET, Absence()), clock)
        desk = ChartDesk(RESOURCES, own.service, cache, clock)
        for text in texts:
            desk.answer(ACTOR, "charts", text, orjson.loads(text))
        by_text = _milliseconds(texts, rounds, lambda text: desk.recall("charts", text))
        by_meaning = _milliseconds(texts, rounds, lambda text: desk.answer(ACTOR, "charts", text + b" ", orjson.loads(text)))
        cache.close()
    return {"cache_hit_ms": by_text}, {"cache_hit_by_meaning_ms": by_meaning}


def _milliseconds(texts: list[bytes], rounds: int, ask: Callable[[bytes], Served | None]) -> float:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        for text in texts:
            served = ask(text)
            if served is None or served.outcome is not Outcome.HIT:
                raise RuntimeError("an answer that was kept is gone")
        taken.append(time.process_time() - began)
    return round(median(taken) / len(texts) * 1e3, 5)
