"""Fixtures of these tests."""

from tests.support.valkey import own_valkey, shared, valkey_server

__all__ = ["own_valkey", "shared", "valkey_server"]
