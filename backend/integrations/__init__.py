"""Everybody we call: one client for HTTP, and the places of the world."""
