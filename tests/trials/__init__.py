"""Trials: the tests with their full counts, each with a report in ``docs/trials``."""
