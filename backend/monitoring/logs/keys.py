"""Keys of log lines: whole numbers in the order of time, that tell time and level by themselves. Pure.

Microseconds since 2020 times 4096, the level times 512, and a number among lines of the same microsecond and level.
So a full-text index that knows only keys gives the newest first, ranges of time, and counts by level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from backend.monitoring.logs.record import LEVELS, Bucket, Counts, LogLine

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
LAST = EPOCH + timedelta(microseconds=(1 << 51) - 1)
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
MINUTE_STEP = MINUTE // MICROSECOND
NUMBER_BITS = 9
BITS = NUMBER_BITS + 3
LEVEL_MASK = 7
_SINCE_1970 = (EPOCH - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND


def key(at: datetime, level: str = LEVELS[0]) -> int:
    """The first key of that microsecond and level."""
    microseconds = (min(max(at, EPOCH), LAST) - EPOCH) // MICROSECOND
    return microseconds << BITS | LEVELS.index(level) << NUMBER_BITS


def level_of(number: int) -> int:
    """The place of the level in ``LEVELS``."""
    return number >> NUMBER_BITS & LEVEL_MASK


def time_of(number: int) -> datetime:
    return EPOCH + (number >> BITS) * MICROSECOND


def minute_of(number: int) -> int:
    """Whole minutes since 2020."""
    return (number >> BITS) // MINUTE_STEP


def next_key(number: int) -> int:
    """Within the same microsecond while there is room, then in the next one at the same level."""
    last = (1 << NUMBER_BITS) - 1
    return number + 1 if number & last != last else number - last + (1 << BITS)


def given(lines: Sequence[LogLine], taken: set[int]) -> list[int]:
    """A key for each line, none of them among those ``taken``, which grow by them."""
    found = []
    for line in lines:
        number = key(line.at, line.level)
        while number in taken:
            number = next_key(number)
        taken.add(number)
        found.append(number)
    return found


def phase(step: int) -> int:
    """What to add to microseconds since 2020 so that multiples of ``step`` are multiples since 1970, too."""
    return _SINCE_1970 % step


def counted(rows: Iterable[tuple[int, int, int]], width: timedelta, since: datetime | None = None) -> Counts:
    """Counts of rows of (bucket, level, count); a bucket is (microseconds since 2020 + phase) // step."""
    step = width // MICROSECOND
    found: dict[int, dict[str, int]] = {}
    for bucket, level, count in rows:
        found.setdefault(int(bucket), {})[LEVELS[level]] = int(count)
    return Counts(width, tuple(Bucket(_begin(bucket, step), found[bucket]) for bucket in sorted(found)), since)


def bucket_of(at: datetime, step: int) -> int:
    return ((at - EPOCH) // MICROSECOND + phase(step)) // step


def _begin(bucket: int, step: int) -> datetime:
    return EPOCH + (bucket * step - phase(step)) * MICROSECOND


def count_lines(lines: Iterable[LogLine], width: timedelta) -> Counts:
    """The counts of lines at hand."""
    step = width // MICROSECOND
    tally: dict[tuple[int, int], int] = {}
    for line in lines:
        place = bucket_of(line.at, step), LEVELS.index(line.level)
        tally[place] = tally.get(place, 0) + 1
    return counted(((bucket, level, count) for (bucket, level), count in tally.items()), width)
