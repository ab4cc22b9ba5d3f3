"""Instants and spans in words: always with their zone, exact where it matters. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

SPACE = "\u00a0"


@dataclass(frozen=True)
class Watch:
    """How one operator reads the time: in this zone, seen from this moment."""

    zone: tzinfo
    now: datetime

    @property
    def name(self) -> str:
        """The zone as it is written beside a time."""
        return zone_word(self.now.astimezone(self.zone))

    def of_day(self) -> Watch:
        """The same for all of this day, so that what was drawn a moment ago is the same now."""
        return replace(self, now=self.now.astimezone(self.zone).replace(hour=12, minute=0, second=0, microsecond=0))

    def clock(self, at: datetime) -> str:
        """'14:02 UTC', or with its day when that is not today."""
        return f"{self.bare(at, '%H:%M')} {zone_word(at.astimezone(self.zone))}"

    def exact(self, at: datetime) -> str:
        """'14:02:06 UTC'."""
        return f"{self.bare(at, '%H:%M:%S')} {zone_word(at.astimezone(self.zone))}"

    def full(self, at: datetime) -> str:
        """'2026-11-24 14:02:06.318 UTC'."""
        local = at.astimezone(self.zone)
        return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d} {zone_word(local)}"

    def bare(self, at: datetime, form: str = "%H:%M:%S") -> str:
        """Without the zone, for a column whose heading names it."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:{form}}"
        year = "" if local.year == today.year else f" {local.year}"
        return f"{local.day} {local:%b}{year} {local:%H:%M}"

    def ago(self, at: datetime) -> str:
        """How long since then."""
        return span(self.now - at)

    def until(self, at: datetime) -> str:
        """How long until then."""
        return span(at - self.now)


def watch(zone: str | None, now: datetime) -> Watch:
    """The operator's watch; an unknown zone reads as UTC."""
    return Watch(_zone(zone), now)


@cache
def zone_names() -> list[str]:
    """The zones an operator may choose: UTC, then places; reading the folder takes long, so it is done once."""
    left_out = ("Etc/", "SystemV/", "posix/", "right/")
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith(left_out))]


def _zone(name: str | None) -> tzinfo:
    if not name or name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def zone_word(local: datetime) -> str:
    """'UTC', 'CET', or an offset where the zone has no letters."""
    word = local.tzname() or "UTC"
    return word if word.isalpha() else f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:5]


def span(length: timedelta) -> str:
    """'35 s', '19 min', '4 h 41 min', '6 d 3 h'."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds}{SPACE}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes}{SPACE}min"
    if hours < 24:
        return f"{hours}{SPACE}h" + (f" {minutes % 60}{SPACE}min" if minutes % 60 else "")
    return f"{days}{SPACE}d" + (f" {hours % 24}{SPACE}h" if hours % 24 else "")


def seconds_word(value: float | None) -> str:
    """A duration measured: '4 ms', '0.31 s', '–' when not known."""
    if value is None:
        return "–"
    if value < 0.001:
        return f"{value * 1000:.1f}{SPACE}ms"
    return f"{value * 1000:.0f}{SPACE}ms" if value < 0.1 else f"{value:.2f}".removesuffix(".00") + f"{SPACE}s"


def percent(ratio: float | None) -> str:
    """A ratio: '0 %', '0.42 %', '31 %', '–' when not known."""
    if ratio is None:
        return "–"
    value = ratio * 100
    digits = 0 if value == 0 or value >= 10 else 1 if value >= 1 else 2
    text = f"{value:.{digits}f}"
    return f"{text.removesuffix('.0') if digits == 1 else text}{SPACE}%"
