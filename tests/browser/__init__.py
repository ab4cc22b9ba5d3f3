"""Whole stories in a real browser, through the real processes."""
