"""Figures that a test measured, kept for the trial's report; without a trial they go nowhere."""

from __future__ import annotations

import os
from pathlib import Path

FIGURES = "ASTROLABE_FIGURES"


def note(what: str, **figures: object) -> None:
    """One line of the report: what was measured, and the figures by name."""
    if FIGURES in os.environ:
        _add(f"- {what}: " + ", ".join(f"{name.replace('_', ' ')} {figure}" for name, figure in figures.items()))


def say(line: str) -> None:
    """One line of the report as it is; printed where there is no report."""
    if FIGURES in os.environ:
        _add(line)
    else:
        print(line, flush=True)


def figures_in(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _add(line: str) -> None:
    with Path(os.environ[FIGURES]).open("a", encoding="utf-8") as noted:
        noted.write(f"{line}\n")
