"""The index of places, built once for each form of it: whoever tests next finds it, in this run or a later one."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from backend.integrations import place, place_data
from backend.integrations.places import PlaceIndex, build_index

OUTPUT = Path(__file__).resolve().parents[1] / "output"


@pytest.fixture(scope="session")
def place_index_path() -> Path:
    """Named after the code that builds it, so that other code has another one."""
    code = b"".join(Path(module.__file__ or "").read_bytes() for module in (place, place_data))
    return build_index(OUTPUT / f"places-{hashlib.sha256(code).hexdigest()[:16]}.db")


@pytest.fixture(scope="session")
def place_index(place_index_path: Path) -> PlaceIndex:
    return PlaceIndex(place_index_path)


def with_index(folder: Path, index: Path) -> Path:
    """A state folder that has its index of places already; building one takes as long as all the rest of a start."""
    folder.mkdir(mode=0o755)
    shutil.copyfile(index, folder / "places.db")
    return folder
