"""The peers' own environment: a folder filled on demand from hashed requirements, and looked into after the product's own packages."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".peers"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


class Missing(Exception):
    """A peer that could not be had; the text says why."""


def peer(name: str) -> ModuleType:
    """The peer's module, from this interpreter, so that both sides of a ratio run in one process; Missing with the reason."""
    _fill()
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))  # last: what the product uses itself stays the product's
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Missing(f"{name} cannot be imported: {error}") from error


def _fill() -> None:
    mark = FOLDER / "installed"
    if mark.exists() and mark.read_text(encoding="utf-8") == REQUIREMENTS.read_text(encoding="utf-8"):
        return
    words = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input", "--no-deps", "--require-hashes"]
    words += ["--upgrade", "--target", str(FOLDER), "-r", str(REQUIREMENTS)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["pip said nothing"]
        raise Missing(f"the peers could not be installed: {lines[-1]}")
    mark.write_text(REQUIREMENTS.read_text(encoding="utf-8"), encoding="utf-8")
