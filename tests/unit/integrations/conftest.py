"""Fixtures of these tests."""

from tests.support.places import place_index, place_index_path

__all__ = ["place_index", "place_index_path"]
