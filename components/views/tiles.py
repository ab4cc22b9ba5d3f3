"""The first page's figures: value, comparison, state and the last quarter of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from backend.answer import Empty, Fresh, Reading, Stale
from backend.monitoring.dashboards.glance import PANELS
from backend.monitoring.dashboards.reading import shipped
from components import markup
from components.times import SPACE, percent, seconds_word
from components.views import circuits as circuit_view
from components.views.readings import value_of
from components.wording import say

POINTS = 30


@dataclass(frozen=True)
class Tile:
    """One figure: its state, value, comparison, and its last quarter of an hour."""

    label: str
    kind: str
    value: str
    note: str
    tone: str
    values: tuple[float | None, ...]
    limit: float | None


def tiles(summary: Reading[Any], circuits: Reading[Any]) -> list[Tile]:
    """Six figures, always the same six in the same order."""
    figures, old = value_of(summary), not isinstance(summary, Fresh)
    rate = figures.requests_per_second if figures else None
    value = f"{rate:.1f}{SPACE}/s" if rate is not None else "–"
    note = say("now.tile_unknown" if rate is None else "now.tile_minute")
    requests = Tile("Requests", _kind(rate, None, old), value, note, "info", _series(figures, "requests_per_second"), None)
    return [
        requests,
        _limited("Errors", figures, "error_ratio", percent, old),
        _limited("p95", figures, "p95_seconds", seconds_word, old),
        _limited("Degraded charts", figures, "degraded_ratio", percent, old),
        _open_circuits(circuits),
        _processes(figures, old),
    ]


def _series(figures: Any, name: str) -> tuple[float | None, ...]:
    return tuple(figures.series.get(name) or (None,) * POINTS) if figures else (None,) * POINTS


def _kind(value: float | None, limit: float | None, old: bool) -> str:
    if value is None or old:
        return "neutral"
    if limit is None or value <= limit:
        return "ok"
    return "bad" if value > 2 * limit else "watch"


@cache
def limits() -> dict[str, float]:
    """By figure: where the service's dashboard says that it deserves attention."""
    panels = {name: shipped()["service"].panel(panel) for name, panel in PANELS.items()}
    return {name: panel.threshold.watch for name, panel in panels.items() if panel and panel.threshold}


def _limited(label: str, figures: Any, name: str, words: Any, old: bool) -> Tile:
    limit = limits()[name]
    value = getattr(figures, name) if figures else None
    kind = _kind(value, limit, old)
    note = say("now.tile_over" if kind in {"bad", "watch"} else "now.tile_limit", limit=words(limit))
    if value is None:
        note = say("now.tile_no_charts") if figures and name == "degraded_ratio" else say("now.tile_unknown")
    tone = kind if kind in {"bad", "watch"} else "info"
    return Tile(label, kind, words(value), note, tone, _series(figures, name), limit)


def _limit_words(tile: Tile) -> str:
    return tile.note.replace("*", "")


def _processes(figures: Any, old: bool) -> Tile:
    count = figures.api_processes if figures else None
    kind = "neutral" if count is None or old else "ok" if count else "bad"
    return Tile("API processes", kind, "–" if count is None else str(count), say("now.tile_heard"), "info", (None,) * POINTS, None)


def _open_circuits(reading: Reading[Any]) -> Tile:
    known = value_of(reading)
    if known is None:
        note = say("now.no_breakers_short") if isinstance(reading, Empty) else say("now.tile_unknown")
        return Tile("Breakers not closed", "neutral", "–", note, "info", (None,) * POINTS, None)
    troubled = [circuit for circuit in known if circuit_view.state_of(circuit)[0] != "ok"]
    kind = circuit_view.state_of(circuit_view.worst_first(troubled)[0])[0] if troubled else "ok"
    kind = "neutral" if isinstance(reading, Stale) else kind
    note = ", ".join(markup.text(circuit.title) for circuit in troubled) or say("now.tile_all_closed")
    return Tile("Breakers not closed", kind, f"{len(troubled)} of {len(known)}", note, "info", (None,) * POINTS, None)
