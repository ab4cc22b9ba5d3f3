"""Log lines for tests: a few that are known, and any number that look like ours."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from backend.monitoring.logs.record import Criteria, LogLine
from tests.support.clock import START

ROUTES = ("/v1/charts", "/v1/charts/transits", "/v1/places", "/v1/charts/returns")
EVENTS = ("request", "chart_computed", "store_away", "circuit_changed", "job_failed", "session_ended", "place_found", "retry")
ROLES = ("api", "api", "api", "worker", "console")


def line(seconds: float = 0.0, event: str = "request", level: str = "info", **more: Any) -> LogLine:
    """One line, ``seconds`` after START."""
    named = {name: more.pop(name) for name in ("request_id", "trace_id", "actor_id", "route") if name in more}
    role, instance = more.pop("role", "api"), more.pop("instance", "0190-instance-0001")
    return LogLine("", START + timedelta(seconds=seconds), level, event, "backend.api", role, instance, fields=more, **named)


def criteria(**more: Any) -> Criteria:
    """The day around START, and what is asked for besides."""
    return Criteria(**{"start": START - timedelta(hours=12), "end": START + timedelta(hours=12), **more})


def many(count: int, start: datetime, span: timedelta, seed: int = 7) -> Iterator[LogLine]:
    """Lines spread over a span, as a fleet under load writes them: most are requests, one in fifty is a warning or worse."""
    chance = random.Random(seed)
    for place in range(count):
        at = start + span * (place / count)
        level = chance.choices(("info", "warning", "error"), (98, 1.5, 0.5))[0]
        event, role = chance.choices(EVENTS, (60, 25, 1, 1, 1, 2, 5, 5))[0], chance.choice(ROLES)
        number = f"{chance.getrandbits(128):032x}"
        uuid = f"{number[:8]}-{number[8:12]}-7{number[13:16]}-8{number[17:20]}-{number[20:]}"
        more = {"status": chance.choice((200, 200, 200, 404, 503)), "seconds": chance.random(), "method": "POST"}
        actor, route = f"key:{chance.randrange(40):04d}", chance.choice(ROUTES)
        yield LogLine("", at, level, event, f"backend.{role}", role, f"0190-{chance.randrange(8):08d}", uuid, number, actor, route, more)
