"""The index of places, built once a test run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backend.integrations.places import PlaceIndex, build_index


@pytest.fixture(scope="session")
def place_index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("places") / "places.db")


@pytest.fixture(scope="session")
def place_index(place_index_path: Path) -> PlaceIndex:
    return PlaceIndex(place_index_path)


def with_index(folder: Path, index: Path) -> Path:
    """A state folder that has its index of places already; building one takes as long as all the rest of a start."""
    folder.mkdir(mode=0o755)
    shutil.copyfile(index, folder / "places.db")
    return folder
