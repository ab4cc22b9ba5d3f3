"""Doors to the stores: SQL, Valkey, and the embedded Valkey's process."""
