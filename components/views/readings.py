"""What is known of a source, fresh or old."""

from __future__ import annotations

from typing import Any

from backend.answer import Fresh, Reading, Stale


def value_of(reading: Reading[Any]) -> Any | None:
    """What is known, fresh or old; None when nothing is."""
    return reading.value if isinstance(reading, Fresh | Stale) else None
