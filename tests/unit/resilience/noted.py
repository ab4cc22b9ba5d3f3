"""Keeps what it is told, for tests."""

from __future__ import annotations

from backend.resilience.listener import Happened


class Noted:
    """Fulfils ``backend.resilience.notes.Notes``."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def note(self, kind: Happened, detail: str = "", count: int = 1) -> None:
        self.told += [(kind.value, detail)] * count

    def count(self, kind: Happened) -> int:
        return sum(1 for told, _ in self.told if told == kind)
