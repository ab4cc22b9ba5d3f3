"""A lesser way when the first does not work; the reason stays with the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from backend.errors import CallRefused, DeadlineExceeded, DependencyFailed, ServiceError

T = TypeVar("T")

_WORTH_FALLING_BACK = (CallRefused, DeadlineExceeded, DependencyFailed)


def with_fallback(primary: Callable[[], T], fallback: Callable[[], T]) -> tuple[T, ServiceError | None]:
    """The primary's value and None; or the fallback's and why the primary had none. The caller's own mistakes are not hidden."""
    try:
        return primary(), None
    except _WORTH_FALLING_BACK as error:
        return fallback(), error
