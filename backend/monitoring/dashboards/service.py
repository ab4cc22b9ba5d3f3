"""Dashboards for people: which there are, the values of their variables, and what their panels answer over a span of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from backend.actor import Actor, Permission
from backend.answer import Failed, Reading
from backend.clock import Clock
from backend.errors import NotFound, ServiceError
from backend.monitoring.dashboards.asking import SOURCE, Asked, Asker, Question
from backend.monitoring.dashboards.record import Dashboard, Panel, Variable
from backend.monitoring.dashboards.templating import filled, fit
from backend.monitoring.source import MetricsSource, ServerInfo
from backend.resilience import deadline

PANEL_SECONDS = 4.0
VALUES_SECONDS = 30.0  # the values of a variable change slowly
VARIABLE_SECONDS = 1.0
MOST_VARIABLES = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Window:
    """The span to ask for, and how far back what is compared with it lies (None: nothing is)."""

    start: datetime
    end: datetime
    step_seconds: float
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before_seconds: float | None = None


@dataclass(frozen=True)
class PanelAnswer:
    """What one panel's queries came to, in their order; ``previous`` is the same of the time before, or nothing."""

    panel: Panel
    asked: tuple[Asked, ...]
    previous: tuple[Asked, ...] = ()


class Running:
    """The questions of a dashboard, all under way; each panel is answered by itself, within its own deadline."""

    def __init__(self, asker: Asker, clock: Clock, panels: Sequence[Panel], window: Window, scrape_seconds: float) -> None:
        self._asker = asker
        self._begun = clock.monotonic()
        shown = {panel.id: (panel, _questions(panel, window, scrape_seconds)) for panel in panels}
        self._now = {name: [(one, asker.ask(one)) for one in questions] for name, (_, questions) in shown.items()}
        self._panels = {name: panel for name, (panel, _) in shown.items()}
        self._before = {  # asked last: what is compared with matters less than what is
            name: [(one, asker.ask(one)) for one in (_earlier(each, window.before_seconds) for each in questions)]
            for name, (panel, questions) in shown.items()
            if panel.previous and window.before_seconds
        }

    def panel(self, name: str) -> PanelAnswer:
        """Waits for this panel alone. KeyError for one that was not asked."""
        return PanelAnswer(self._panels[name], self._all(self._now[name]), self._all(self._before.get(name, [])))

    def _all(self, pending: Sequence[tuple[Question, Future[Asked]]]) -> tuple[Asked, ...]:
        return tuple(self._asker.wait(future, question, self._begun) for question, future in pending)


class BoardService:
    """Reads for whoever may see operations. Thread-safe; ``close()`` it."""

    def __init__(self, boards: Mapping[str, Dashboard], source: MetricsSource, clock: Clock, scrape_seconds: float) -> None:
        self._boards = boards
        self._source = source
        self._clock = clock
        self._scrape_seconds = scrape_seconds
        self._asker = Asker(source, clock, PANEL_SECONDS)
        self._lock = Lock()
        self._values: dict[tuple[str, str], tuple[float, Reading[list[str]]]] = {}

    def boards(self, actor: Actor) -> list[Dashboard]:
        """All, in the order of their files."""
        actor.require(Permission.VIEW_OPERATIONS)
        return list(self._boards.values())

    def board(self, actor: Actor, name: str) -> Dashboard:
        actor.require(Permission.VIEW_OPERATIONS)
        if name not in self._boards:
            raise NotFound("There is no dashboard of this name.")
        return self._boards[name]

    def values(self, actor: Actor, name: str, variable: Variable) -> Reading[list[str]]:
        """What the variable may be, in alphabetical order; remembered for half a minute."""
        self.board(actor, name)
        key = (variable.label, variable.metric)
        with self._lock:
            at, known = self._values.get(key, (0.0, None))
        if known is not None and self._clock.monotonic() - at < VALUES_SECONDS:
            return known
        reading = self._read_values(variable)
        with self._lock:
            if len(self._values) >= MOST_VARIABLES:
                self._values.clear()
            self._values[key] = (self._clock.monotonic(), reading)
        return reading

    def server(self) -> Reading[ServerInfo]:
        """Which server answers; no secret is in it."""
        try:
            with deadline.within(VARIABLE_SECONDS, self._clock):
                return self._source.server()
        except ServiceError as error:
            return Failed(SOURCE, error.detail, self._clock.now())

    def run(self, actor: Actor, name: str, window: Window, panels: Sequence[str] | None = None) -> Running:
        """Asks all panels, or the named ones, at once; what a panel answers is the caller's to wait for."""
        board = self.board(actor, name)
        known = {variable.name for variable in board.variables}
        chosen = {key: fit(values) for key, values in window.chosen.items() if key in known}
        wanted = [panel for panel in board.panels if panels is None or panel.id in panels]
        return Running(self._asker, self._clock, wanted, replace(self.fitted(window, board), chosen=chosen), self._scrape_seconds)

    def fitted(self, window: Window, board: Dashboard) -> Window:
        """The window on whole buckets and not beyond now, so that everybody's question within a bucket is the same."""
        now, step = self._clock.now(), max(window.step_seconds, self._scrape_seconds)
        is_live = abs(window.end - now) <= timedelta(seconds=1)
        end = _floor(min(window.end, now), max(step, float(board.refresh_seconds)) if is_live else step)
        start = _floor(end - (window.end - window.start) if is_live else min(window.start, end), step)
        before = window.before_seconds and math.ceil(window.before_seconds / step) * step
        return replace(window, start=start, end=end, step_seconds=step, before_seconds=before)

    def close(self) -> None:
        self._asker.close()

    def _read_values(self, variable: Variable) -> Reading[list[str]]:
        try:
            with deadline.within(VARIABLE_SECONDS, self._clock):
                return self._source.label_values(variable.label, [variable.metric])
        except ServiceError as error:
            return Failed(SOURCE, error.detail, self._clock.now())


def _questions(panel: Panel, window: Window, scrape_seconds: float) -> list[Question]:
    return [
        Question(filled(query.expr, window.chosen, window.step_seconds, scrape_seconds), window.start, window.end, window.step_seconds)
        for query in panel.queries
    ]


def _earlier(question: Question, seconds: float | None) -> Question:
    by = timedelta(seconds=seconds or 0.0)
    return replace(question, start=question.start - by, end=question.end - by)


def _floor(at: datetime, seconds: float) -> datetime:
    whole = timedelta(seconds=seconds)
    return at - (at - _EPOCH) % whole
