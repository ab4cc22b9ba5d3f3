"""The top of Traffic: which dashboard, which span, which values of its variables, what it is compared with; all of it in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from backend.answer import Failed
from backend.monitoring.dashboards.record import Dashboard, Variable
from backend.monitoring.dashboards.service import Window
from backend.monitoring.dashboards.templating import fit
from components import address, ranges
from components.ranges import TimeRange
from components.recent import WORDS
from components.services import services
from components.session import Seen
from components.times import Watch
from components.views.readings import value_of
from components.wording import say

COMPARED = ("period", "1d", "7d", "off")
_BEFORE = {"1d": timedelta(days=1), "7d": timedelta(days=7)}
_BOARD, _COMPARE = "traffic_board", "traffic_compare"


@dataclass(frozen=True)
class Chosen:
    """What the address asks for, read anew at each tick."""

    board: Dashboard
    span: TimeRange
    compare: str
    values: dict[str, tuple[str, ...]]

    @property
    def window(self) -> Window:
        """As the service takes it."""
        before = _BEFORE.get(self.compare, timedelta(seconds=self.span.seconds) if self.compare == "period" else None)
        seconds = before.total_seconds() if before else None
        return Window(self.span.start, self.span.end, self.span.step_seconds(), self.values, seconds)

    @property
    def is_live(self) -> bool:
        """Whether its end moves with the clock."""
        return self.span.relative is not None


def chosen(seen: Seen) -> Chosen:
    """From the address alone; an unknown dashboard is the first."""
    boards = services().boards.boards(seen.actor)
    asked = st.query_params.get("board")
    board = next((one for one in boards if one.name == asked), boards[0])
    compare = st.query_params.get("compare", COMPARED[0])
    values = {variable.name: fit(st.query_params.get_all(variable.name)) for variable in board.variables}
    return Chosen(board, ranges.current(seen.watch), compare if compare in COMPARED else COMPARED[0], values)


def draw(seen: Seen) -> tuple[Chosen, bool]:
    """Title, span and pause in one line; dashboard, variables and comparison in the next."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom", gap="small"):
        st.markdown("# Traffic", width="content", anchors=False)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
            ranges.control(seen.watch)
            paused = st.toggle(
                f":gray[{_note(chosen(seen), seen.watch)}] · {say('frame.pause')}", key="traffic_pause", help=say("frame.pause_help")
            )
    now = chosen(seen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _boards(seen)
        for variable in now.board.variables:
            _values(seen, now, variable)
        address.begin(_COMPARE, "compare", COMPARED, COMPARED[0])
        st.selectbox(
            say("traffic.compare"), COMPARED, key=_COMPARE, format_func=lambda one: say(f"traffic.compare_{one}"),
            on_change=address.writing(_COMPARE, "compare", COMPARED[0]), width=170,
        )  # fmt: skip
    return now, paused


def _note(now: Chosen, watch: Watch) -> str:
    if not now.is_live:
        return say("traffic.note_fixed", zone=watch.name)
    return say("traffic.note", zone=watch.name, seconds=now.board.refresh_seconds)


def _boards(seen: Seen) -> None:
    boards = services().boards.boards(seen.actor)
    names, titles = [one.name for one in boards], {one.name: one.title for one in boards}
    address.begin(_BOARD, "board", names, names[0])
    st.selectbox(say("traffic.dashboard"), names, key=_BOARD, format_func=titles.__getitem__, on_change=_move, args=(boards,), width=170)


def _move(boards: Sequence[Dashboard]) -> None:
    """To another dashboard: its panels and variables are others."""
    for name in ("panel", *(variable.name for board in boards for variable in board.variables)):
        st.query_params.pop(name, None)
    address.writing(_BOARD, "board", boards[0].name)()


def _values(seen: Seen, now: Chosen, variable: Variable) -> None:
    """All of them when none is chosen."""
    key = ("values", now.board.name, variable.name)
    reading = WORDS.value(key, services().clock, lambda: services().boards.values(seen.actor, now.board.name, variable))
    picked = now.values[variable.name]
    options = [*picked, *(one for one in value_of(reading) or [] if one not in picked)]
    widget = f"traffic_of_{now.board.name}_{variable.name}"
    if st.session_state.get(widget) != list(picked):
        st.session_state[widget] = list(picked)
    st.multiselect(
        variable.title, sorted(options), key=widget, placeholder=say("traffic.all_of"), on_change=_choose, args=(widget, variable),
        help=say("traffic.values_unknown") if isinstance(reading, Failed) else None, width=340,
        max_selections=None if variable.multi else 1,
    )  # fmt: skip


def _choose(key: str, variable: Variable) -> None:
    picked: Sequence[str] = fit(st.session_state.get(key) or ())
    if picked:
        st.query_params[variable.name] = list(picked)
    else:
        st.query_params.pop(variable.name, None)
