"""Which data files we ship, and whether those at hand are the same, byte for byte."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"
MANIFEST = DATA / "manifest.json"

PLANETS_FILE = "sepl_18.se1"
MOON_FILE = "semo_18.se1"
ASTEROIDS_FILE = "seas_18.se1"
STARS_FILE = "sefstars.txt"


@dataclass(frozen=True)
class FileProblem:
    """One data file that is not the pinned one: ``code`` is files_missing or files_damaged; ``detail`` has no path."""

    name: str
    code: str
    detail: str


@cache
def manifest() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(MANIFEST.read_text("utf-8"))
    return content


def check_files(folder: Path) -> list[FileProblem]:
    """Every ephemeris file that is missing from ``folder`` or differs from the pinned one."""
    found = (_problem(folder / entry["name"], entry) for entry in manifest()["ephemeris"]["files"])
    return [problem for problem in found if problem]


def check_zones(folder: Path) -> list[FileProblem]:
    """Whether the time-zone folder is the pinned one."""
    if not folder.is_dir():
        return [FileProblem("zoneinfo", "files_missing", "the folder of time zones is missing")]
    if tree_digest(folder) != manifest()["zoneinfo"]["sha256"]:
        return [FileProblem("zoneinfo", "files_damaged", "the time zones differ from the pinned ones (SHA-256 over the folder)")]
    return []


def _problem(path: Path, entry: dict[str, Any]) -> FileProblem | None:
    name = entry["name"]
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return FileProblem(name, "files_missing", f"{name} is missing")
    except OSError as error:
        return FileProblem(name, "files_missing", f"{name} cannot be read: {error.strerror}")
    if len(content) != entry["size_bytes"]:
        return FileProblem(name, "files_damaged", f"{name} has {len(content)} bytes, the pinned file has {entry['size_bytes']}")
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        return FileProblem(name, "files_damaged", f"{name} differs from the pinned file (SHA-256)")
    return None


def tree_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files below ``folder``, in the order of their names."""
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def ephemeris_digest(problems: list[FileProblem]) -> str:
    """One SHA-256 that names the set of good ephemeris files."""
    bad = {problem.name for problem in problems}
    good = [f"{entry['name']}:{entry['sha256']}" for entry in manifest()["ephemeris"]["files"] if entry["name"] not in bad]
    return hashlib.sha256("\n".join(good).encode()).hexdigest()
