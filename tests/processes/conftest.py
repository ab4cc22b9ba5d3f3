"""Fixtures of the tests of real processes."""

from tests.support.places import place_index, place_index_path

__all__ = ["place_index", "place_index_path"]
