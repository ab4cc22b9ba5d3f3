"""Answered requests, kept for a while: how each went, never what was asked."""
