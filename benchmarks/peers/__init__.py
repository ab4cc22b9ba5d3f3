"""Floors and peers that a benchmark starts beside the product."""
