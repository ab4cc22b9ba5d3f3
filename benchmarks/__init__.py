"""Benchmarks: each prints one JSON object of ratios, with the floor or the peer measured in the same call."""
