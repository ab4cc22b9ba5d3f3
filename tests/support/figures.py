"""Figures that a test measured, kept for the trial's report; without a trial they go nowhere."""

from __future__ import annotations

import os
from pathlib import Path

FIGURES = "ASTROLABE_FIGURES"


def note(what: str, **figures: object) -> None:
    """One line of the report: what was measured, and the figures by name."""
    if FIGURES in os.environ:
        line = ", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in figures.items())
        with Path(os.environ[FIGURES]).open("a", encoding="utf-8") as noted:
            noted.write(f"- {what}: {line}\n")


def figures_in(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
