"""The services of a command, and what a reading of theirs says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from backend.answer import Empty, Failed, Reading
from backend.bootstrap import Services, build
from backend.errors import StorageUnavailable
from backend.settings import Settings
from backend.telemetry.logging import configure

T = TypeVar("T")


@contextmanager
def wired() -> Iterator[Services]:
    """Wired as `run` started them, and let go of at the end."""
    settings = Settings.of_running()
    configure("warning", "command line", "")
    services = build(settings, "command line")
    try:
        yield services
    finally:
        services.close()


def known(reading: Reading[T]) -> T | None:
    """The value, None where there is nothing; StorageUnavailable where nobody can tell."""
    if isinstance(reading, Failed):
        raise StorageUnavailable(reading.source, f"This cannot be known now: {reading.why}")
    return None if isinstance(reading, Empty) else reading.value
