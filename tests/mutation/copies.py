"""A copy of the checkout to make faults in, so that neither it nor the tests change meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_of_checkout(folder: Path) -> None:
    """What the tests of the rules need of it."""
    for name in ("backend", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "output"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
