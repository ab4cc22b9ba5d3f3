"""Operators, their sessions and invitations, keys for programs, and stored cases."""
