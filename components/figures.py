"""Figures and tables by what they show: one that is shown again, to whomever, is not built again. Nobody changes them."""

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

    def shown(self, key: tuple[Any, ...], build: Callable[[], Any]) -> Any:
        said = repr(key)
        with self._lock:
            if said in self._known:
                self._known.move_to_end(said)
                return self._known[said]
        built = _kept(build())
        with self._lock:
            self._known[said] = built
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return built


class _Kept(go.Figure):  # type: ignore[misc]
    """As it is sent, numbers written out: as nobody changes it, it is not copied for each who looks."""

    def to_dict(self) -> dict[str, Any]:
        if "_sent" not in self.__dict__:
            self.__dict__["_sent"] = super().to_dict()
        sent: dict[str, Any] = self.__dict__["_sent"]
        return sent


def _kept(figure: Any) -> Any:
    return _Kept(figure.to_dict()) if isinstance(figure, go.Figure) else figure


FIGURES = Figures(MOST)
TABLES = Figures(16)
