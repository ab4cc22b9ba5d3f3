"""Fixtures of the tests of real processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.clock import SystemClock
from backend.demo_geocoder import DemoGeocoder
from backend.integrations.places import PlaceIndex
from tests.processes.connections import watching
from tests.support.places import place_index, place_index_path, with_index
from tests.support.product import Product

__all__ = ["place_index", "place_index_path"]


@dataclass(frozen=True)
class Watched:
    """The product with two API processes and a geocoder; each connection that a process of it opens is written to ``connections``."""

    product: Product
    geocoder: DemoGeocoder
    connections: Path


@pytest.fixture(scope="session")
def watched(place_index: PlaceIndex, place_index_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Started once for all that leave it as it was."""
    folder = tmp_path_factory.mktemp("watched")
    geocoder = DemoGeocoder(place_index, SystemClock(), lambda: 0.5).start()
    environment = {
        **watching(folder / "connections"),
        "ASTROLABE_GEOCODER_URL": geocoder.url,
        "ASTROLABE_API_PROCESSES": "2",
    }
    with Product(with_index(folder / "state", place_index_path), environment=environment) as product:
        yield Watched(product, geocoder, folder / "connections")
    geocoder.stop()
