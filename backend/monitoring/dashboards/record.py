"""What a dashboard is: panels, the queries behind them, variables that narrow them down, limits, and links to go on by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PanelKind = Literal["lines", "heat", "stat", "table", "states"]
Style = Literal["bold", "thin", "band"]
Worse = Literal["above", "below"]
KINDS: tuple[PanelKind, ...] = ("lines", "heat", "stat", "table", "states")
STYLES: tuple[Style, ...] = ("bold", "thin", "band")
UNITS = ("ratio", "per_second", "seconds", "bytes", "bytes_per_second", "cores", "count", "none")
TONES = ("info", "watch", "held", "ok", "bad", "neutral")


@dataclass(frozen=True)
class Threshold:
    """From where on a value deserves attention (``watch``) or is bad; ``worse`` says in which direction it gets worse."""

    watch: float
    bad: float | None = None
    worse: Worse = "above"

    def tone(self, value: float | None) -> str:
        """'ok', 'watch', 'bad', or 'neutral' for what is not known."""
        if value is None or value != value:
            return "neutral"
        if self.bad is not None and self._is_past(value, self.bad):
            return "bad"
        return "watch" if self._is_past(value, self.watch) else "ok"

    def _is_past(self, value: float, limit: float) -> bool:
        return value > limit if self.worse == "above" else value < limit


@dataclass(frozen=True)
class Query:
    """One expression. ``legend`` names a curve, with ``{label}`` for a label's value; 'band' fills down to the curve before.

    In a table each query is a column, with a unit and limit of its own where it has one.
    """

    expr: str
    legend: str = ""
    style: Style = "bold"
    tone: str = ""
    unit: str = ""
    threshold: Threshold | None = None


@dataclass(frozen=True)
class Meaning:
    """How a state is shown: its kind decides shape and colour."""

    kind: str
    word: str


@dataclass(frozen=True)
class Link:
    """To another page, at the same time; ``params`` may name a variable as ``$route``: left out while all of it is chosen."""

    title: str
    page: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Panel:
    """One block of a dashboard. ``previous``: the same time before is drawn beside it. ``rows`` names the label of a table or of bars."""

    id: str
    title: str
    kind: PanelKind
    queries: tuple[Query, ...]
    unit: str = "none"
    about: str = ""
    note: str = ""
    threshold: Threshold | None = None
    previous: bool = False
    bottom: float | None = 0.0
    top: float | None = None
    rows: str = ""
    state_label: str = ""
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Variable:
    """Values of ``label`` of the metric ``metric``, to choose some or all of."""

    name: str
    title: str
    label: str
    metric: str
    multi: bool = True


@dataclass(frozen=True)
class Dashboard:
    """``refresh_seconds`` is how often its panels are asked anew: 30 to 60."""

    name: str
    title: str
    about: str
    panels: tuple[Panel, ...]
    variables: tuple[Variable, ...] = ()
    refresh_seconds: int = 30
    order: int = 0

    def panel(self, panel_id: str) -> Panel | None:
        return next((panel for panel in self.panels if panel.id == panel_id), None)
