"""The index of places, built once a test run."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.integrations.places import PlaceIndex, build_index


@pytest.fixture(scope="session")
def place_index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("places") / "places.db")


@pytest.fixture(scope="session")
def place_index(place_index_path: Path) -> PlaceIndex:
    return PlaceIndex(place_index_path)
