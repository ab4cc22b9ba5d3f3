"""Fixtures of the scenarios."""

from tests.support.valkey import own_valkey

__all__ = ["own_valkey"]
