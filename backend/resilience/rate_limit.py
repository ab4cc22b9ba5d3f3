"""The place of a rate limit in the order of protections: whoever limits calls to a dependency stands here."""

from __future__ import annotations

from typing import Protocol


class RateLimit(Protocol):
    """Asked before each attempt; raises CallRefused where the dependency must not be asked now."""

    def take(self) -> None: ...


class Unlimited:
    """Lets everything pass."""

    def take(self) -> None:
        """Nothing to do."""
