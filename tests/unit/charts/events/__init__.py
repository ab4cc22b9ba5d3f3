"""Searches over a range."""
