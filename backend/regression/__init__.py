"""Regression sets: what the API answered once, asked again and compared."""
