"""Figures by what they show: one that is shown again, to whomever, is not built again. Nobody changes a figure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import plotly.graph_objects as go

MOST = 64


class Figures:
    """The ``most`` that were shown last; what the parts of a key say (``repr``) makes them alike."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def figure(self, key: tuple[Any, ...], build: Callable[[], Any]) -> Any:
        said = repr(key)
        with self._lock:
            if said in self._known:
                self._known.move_to_end(said)
                return self._known[said]
        built = _written_out(build())
        with self._lock:
            self._known[said] = built
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return built


def _written_out(figure: Any) -> Any:
    """The same with its numbers as they are sent, which else are made into that each time it is shown."""
    return go.Figure(figure.to_dict())


FIGURES = Figures(MOST)
