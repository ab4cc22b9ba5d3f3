"""Spans of time as an address and a person write them: the last hour, or from then to then. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from components.times import SPACE, Watch

DEFAULT = "1h"
CHOICES = ("15m", "1h", "3h", "6h", "24h", "3d", "7d", "15d")
SHORTEST, LONGEST = timedelta(seconds=10), timedelta(days=400)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"s": ("second", 1), "m": ("min", 60), "h": ("hour", 3600), "d": ("day", 86400), "w": ("week", 604800)}
_RELATIVE = re.compile(r"([1-9]\d{0,4})([smhdw])")
_NICE = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)


@dataclass(frozen=True)
class TimeRange:
    """From ``start`` to ``end`` (aware, start before end); ``relative`` ('1h') when it ends now and moves on with the clock."""

    start: datetime
    end: datetime
    relative: str | None = None

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    def step_seconds(self, points: int = 240) -> float:
        """The shortest usual step that gives at most so many points."""
        wished = self.seconds / points
        return float(next((nice for nice in _NICE if nice >= wished), -(-wished // 86400) * 86400))

    def params(self) -> dict[str, str]:
        """How an address says it."""
        return {"range": self.relative} if self.relative else self.fixed()

    def fixed(self) -> dict[str, str]:
        """The same span for an address that must show it tomorrow too."""
        return {"from": written(self.start), "to": written(self.end)}

    def words(self, watch: Watch) -> str:
        """'Last hour', 'Last 6 h', or '24 Nov 13:21 – 14:21'."""
        return relative_words(self.relative) if self.relative else f"{_minute(self.start, watch)} – {_minute(self.end, watch)}"


def relative(text: str, now: datetime) -> TimeRange | None:
    """The span before now that ``text`` ('90m') names; None when it names none, or one out of bounds."""
    seconds = _relative_seconds(text)
    if seconds is None or not SHORTEST <= timedelta(seconds=seconds) <= LONGEST:
        return None
    return TimeRange(now - timedelta(seconds=seconds), now, text)


def between(one: datetime, other: datetime) -> TimeRange:
    """From the earlier to the later, brought within bounds around its middle or towards its start."""
    start, end = sorted((one, other))
    if end - start < SHORTEST:
        middle = start + (end - start) / 2
        start, end = middle - SHORTEST / 2, middle + SHORTEST / 2
    return TimeRange(max(start, end - LONGEST), end)


def asked(params: Mapping[str, str], now: datetime) -> TimeRange | None:
    """What an address asks for; None when it asks for nothing that can be meant."""
    begins, ends = read(params.get("from", "")), read(params.get("to", ""))
    if begins is not None:
        return between(begins, ends or now)
    return relative(params.get("range", ""), now)


def written(at: datetime) -> str:
    """'2026-11-24T14:02:06Z', with milliseconds where there are any."""
    local = at.astimezone(UTC)
    part = f".{local.microsecond // 1000:03d}" if local.microsecond >= 1000 else ""
    return f"{local:%Y-%m-%dT%H:%M:%S}{part}Z"


def read(text: str) -> datetime | None:
    """An instant of an address: ISO 8601 (without a zone: UTC), or milliseconds since 1970."""
    try:
        if re.fullmatch(r"\d{10,14}", text):
            return _EPOCH + timedelta(milliseconds=int(text) if len(text) > 11 else int(text) * 1000)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def typed(text: str, watch: Watch) -> datetime | None:
    """An instant as a person types it in their zone: 'now', '-2h', '14:02', '2026-11-24 14:02', or with its own offset."""
    flat = text.strip()
    if flat == "now":
        return watch.now
    if flat.startswith("-"):
        seconds = _relative_seconds(flat[1:])
        return None if seconds is None else watch.now - timedelta(seconds=seconds)
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", flat):
            today = watch.now.astimezone(watch.zone).date()
            return datetime.combine(today, time.fromisoformat(flat if flat[2] == ":" else f"0{flat}"), watch.zone).astimezone(UTC)
        found = datetime.fromisoformat(flat)
        return (found if found.tzinfo else found.replace(tzinfo=watch.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def typing(at: datetime, watch: Watch) -> str:
    """An instant as a person would type it."""
    return f"{at.astimezone(watch.zone):%Y-%m-%d %H:%M:%S}"


def relative_words(text: str) -> str:
    """'15m' as 'Last 15 min', '1h' as 'Last hour'."""
    found = _RELATIVE.fullmatch(text)
    if not found:
        return text
    count, name = int(found[1]), _UNITS[found[2]][0]
    short = {"second": "s", "hour": "h", "day": "d" if count > 1 else "day", "week": "w"}.get(name, name)
    return f"Last {name}" if count == 1 else f"Last {count}{SPACE}{short}"


def wider(span: TimeRange) -> TimeRange:
    """Twice as long around the same middle."""
    return between(span.start - (span.end - span.start) / 2, span.end + (span.end - span.start) / 2)


def moved(span: TimeRange, share: float) -> TimeRange:
    """The same length, later by this share of it (negative: earlier)."""
    by = (span.end - span.start) * share
    return TimeRange(span.start + by, span.end + by)


def _relative_seconds(text: str) -> int | None:
    found = _RELATIVE.fullmatch(text)
    return int(found[1]) * _UNITS[found[2]][1] if found else None


def _minute(at: datetime, watch: Watch) -> str:
    return watch.bare(at, "%H:%M" if at.second == 0 else "%H:%M:%S")
