"""What a query's readers should know about its answer."""

from __future__ import annotations

from typing import Literal


class Notes:
    """Warnings and infos of one query, each once and in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: dict[str, dict[str, None]] = {"warning": {}, "info": {}}

    def add(self, kind: Literal["warning", "info"], text: str, place: int | None = None) -> None:
        """``text`` without what stands before and after it in an answer: ``PromQL warning: … (line:column)``."""
        self._found[kind][f"PromQL {kind}: {text}{self._position(place)}"] = None

    def _position(self, place: int | None) -> str:
        if place is None:
            return ""
        before = self._text[:place]
        return f" ({before.count(chr(10)) + 1}:{place - before.rfind(chr(10))})"

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._found["warning"])

    @property
    def infos(self) -> tuple[str, ...]:
        return tuple(self._found["info"])
