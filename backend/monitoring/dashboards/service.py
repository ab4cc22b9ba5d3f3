"""Dashboards for people: which there are, the values of their variables, and what their panels answer over a span of time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from backend.actor import Actor, Permission
from backend.answer import Failed, Reading
from backend.clock import Clock
from backend.errors import NotFound, ServiceError
from backend.monitoring.dashboards.asking import AT_A_TIME, SOURCE, Asked, Asker, Question
from backend.monitoring.dashboards.record import Dashboard, Panel, Variable
from backend.monitoring.dashboards.templating import filled, fit
from backend.monitoring.source import MetricsSource, ServerInfo
from backend.resilience import deadline

PANEL_SECONDS = 4.0
VARIABLE_SECONDS = 1.0
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

    def __init__(
        self, asker: Asker, clock: Clock, panels: Sequence[Panel], window: Window, scrape_seconds: float, last: Window | None = None
    ) -> None:
        self._asker = asker
        self._begun = clock.monotonic()
        self._scrape_seconds = scrape_seconds
        self._last = last
        self._panels = {panel.id: panel for panel in panels}
        shown = {panel.id: self._questions(panel, window) for panel in panels}
        self._now = {name: [(one, asker.ask(one)) for one in questions] for name, (questions, _) in shown.items()}
        # Asked last: what is compared with matters less than what is.
        self._before = {name: [(one, asker.ask(one)) for one in earlier] for name, (_, earlier) in shown.items()}

    def panel(self, name: str) -> PanelAnswer:
        """Waits for this panel alone, or takes what it said in the window before. KeyError for one that was not asked."""
        return self._remembered(name) or PanelAnswer(self._panels[name], self._all(self._now[name]), self._all(self._before[name]))

    def waits(self, name: str) -> bool:
        """Whether this panel would have to be waited for."""
        return not self._is_there(name) and self._remembered(name) is None

    def _is_there(self, name: str) -> bool:
        return all(future.done() for _, future in (*self._now[name], *self._before[name]))

    def _remembered(self, name: str) -> PanelAnswer | None:
        """The whole panel as of the window before, while an answer of this one is still to come."""
        if self._last is None or self._is_there(name):
            return None
        now, before = (self._asker.known(each) for each in self._questions(self._panels[name], self._last))
        return PanelAnswer(self._panels[name], now, before) if now is not None and before is not None else None

    def _all(self, pending: Sequence[tuple[Question, Future[Asked]]]) -> tuple[Asked, ...]:
        return tuple(self._asker.wait(future, question, self._begun) for question, future in pending)

    def _questions(self, panel: Panel, window: Window) -> tuple[list[Question], list[Question]]:
        """What the panel asks, and the same of the time before where it compares."""
        texts = [filled(query.expr, window.chosen, window.step_seconds, self._scrape_seconds) for query in panel.queries]
        now = [Question(text, window.start, window.end, window.step_seconds) for text in texts]
        by = timedelta(seconds=window.before_seconds or 0.0)
        return now, [replace(one, start=one.start - by, end=one.end - by) for one in now] if panel.previous and by else []


class BoardService:
    """Reads for whoever may see operations. Thread-safe; ``close()`` it."""

    def __init__(
        self, boards: Mapping[str, Dashboard], source: MetricsSource, clock: Clock, scrape_seconds: float, *, at_a_time: int = AT_A_TIME
    ) -> None:
        self._boards = boards
        self._source = source
        self._clock = clock
        self._scrape_seconds = scrape_seconds
        self._asker = Asker(source, clock, PANEL_SECONDS, at_a_time=at_a_time)

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
        """What the variable may be, in alphabetical order."""
        self.board(actor, name)
        try:
            with deadline.within(VARIABLE_SECONDS, self._clock):
                return self._source.label_values(variable.label, [variable.metric])
        except ServiceError as error:
            return Failed(SOURCE, error.detail, self._clock.now())

    def server(self) -> Reading[ServerInfo]:
        """Which server answers; no secret is in it."""
        try:
            with deadline.within(VARIABLE_SECONDS, self._clock):
                return self._source.server()
        except ServiceError as error:
            return Failed(SOURCE, error.detail, self._clock.now())

    def run(self, actor: Actor, name: str, window: Window, panels: Sequence[str] | None = None, *, at_once: bool = False) -> Running:
        """Asks all panels, or the named ones, at once; what a panel answers is the caller's to wait for.

        ``at_once`` does without waiting where the window ends now: a panel then shows what it said one bucket ago, if
        that is known, and what it says now is there for whoever looks next.
        """
        board, now = self.board(actor, name), self._clock.now()
        known = {variable.name for variable in board.variables}
        wanted = [panel for panel in board.panels if panels is None or panel.id in panels]
        asked = replace(window, chosen={key: fit(values) for key, values in window.chosen.items() if key in known})
        last = self._last(asked, board, now) if at_once and _is_live(window, now) else None
        return Running(self._asker, self._clock, wanted, self.fitted(asked, board), self._scrape_seconds, last)

    def fitted(self, window: Window, board: Dashboard) -> Window:
        """The window on whole buckets and not beyond now, so that everybody's question within a bucket is the same."""
        return self._fitted(window, board, self._clock.now())

    def _fitted(self, window: Window, board: Dashboard, now: datetime) -> Window:
        step, is_live = max(window.step_seconds, self._scrape_seconds), _is_live(window, now)
        end = _floor(min(window.end, now), _bucket(step, board) if is_live else step)
        start = _floor(end - (window.end - window.start) if is_live else min(window.start, end), step)
        before = window.before_seconds and math.ceil(window.before_seconds / step) * step
        return replace(window, start=start, end=end, step_seconds=step, before_seconds=before)

    def _last(self, window: Window, board: Dashboard, now: datetime) -> Window:
        """The same window as it was one bucket ago."""
        by = timedelta(seconds=_bucket(max(window.step_seconds, self._scrape_seconds), board))
        return self._fitted(replace(window, start=window.start - by, end=window.end - by), board, now - by)

    def close(self) -> None:
        self._asker.close()


def _is_live(window: Window, now: datetime) -> bool:
    return abs(window.end - now) <= timedelta(seconds=1)


def _bucket(step: float, board: Dashboard) -> float:
    """How long everybody's question of a window that ends now stays the same, in seconds."""
    return max(step, float(board.refresh_seconds))


def _floor(at: datetime, seconds: float) -> datetime:
    whole = timedelta(seconds=seconds)
    return at - (at - _EPOCH) % whole
