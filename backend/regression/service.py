"""The one face of regression sets."""

from __future__ import annotations

from backend.regression.runs import Runs
from backend.regression.sets import Sets


class RegressionService(Sets, Runs):
    """Sets, entries, what is expected of them, and runs."""
