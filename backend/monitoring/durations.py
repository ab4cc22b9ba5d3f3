"""Durations as Prometheus writes them in parameters and rule files: ``1h30m``, each unit once, from the largest down."""

from __future__ import annotations

import re

_UNITS = ((31_536_000_000, "y"), (604_800_000, "w"), (86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms"))
_FORM = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?")
_LONGEST = 2**53


def milliseconds_of(text: str) -> int | None:
    """None: it is no duration."""
    if text == "0":
        return 0
    parts = _FORM.fullmatch(text)
    if not text or not text.isascii() or parts is None:
        return None
    total = sum(int(part) * size for part, (size, _) in zip(parts.groups("0"), _UNITS, strict=True))
    return total if total <= _LONGEST else None


def words_of(milliseconds: int) -> str:
    """The shortest way to write it; what is negative has a sign."""
    if milliseconds < 0:
        return f"-{words_of(-milliseconds)}"
    words = ""
    for size, unit in _UNITS:
        count, milliseconds = divmod(milliseconds, size)
        words += f"{count}{unit}" if count else ""
    return words or "0s"
