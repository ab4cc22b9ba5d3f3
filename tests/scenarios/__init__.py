"""Scenarios: several real processes, one real server, and what must hold of all of them together."""
