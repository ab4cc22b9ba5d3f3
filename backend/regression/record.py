"""The nouns of regression sets, and what a set, an entry and an answer may be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.errors import InvalidRequest
from backend.regression.values import Difference, Tolerance

LEASE = timedelta(minutes=1)  # how long a run waits for a runner that says nothing: longer than any answer is waited for
MOST_SETS, MOST_ENTRIES, KEPT_RUNS = 100, 200, 30
LARGEST_DOCUMENT = 2 * 1024 * 1024
LONGEST_TITLE, LONGEST_NOTE = 80, 500
LARGEST_ARCSECONDS, LARGEST_SECONDS = 3600.0, 86400.0


class Verdict(StrEnum):
    """What became of one entry, the worst first."""

    FAILED = "failed"
    DRIFTED = "drifted"
    DEGRADED = "degraded"
    WITHIN = "within"
    SAME = "same"


class RunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


OPEN_STATES = (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True)
class Versions:
    """What an answer was computed with; two answers with equal versions should be the same to the byte. Empty: unknown."""

    product: str = ""
    library: str = ""
    ephemeris: str = ""
    files: str = ""
    zones: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any], product: str) -> Versions:
        """From the document's own provenance, and the version of the product that answered."""
        made = document.get("provenance")
        made = made if isinstance(made, Mapping) else {}
        texts = (str(made.get(name) or "") for name in _PROVENANCE)
        return cls(product, *texts)


_PROVENANCE = ("library", "ephemeris_mode", "ephemeris_files_sha256", "time_zone_version")


@dataclass(frozen=True)
class RegressionSet:
    """Questions whose answers should stay as they are, within a tolerance. Title and note hold no personal data."""

    id: str
    title: str
    note: str
    tolerance: Tolerance
    created_by: str
    created_at: datetime
    entries: int = 0


@dataclass(frozen=True)
class Entry:
    """One question of a set; ``expectation`` is the number of the expected answer that counts now."""

    id: str
    set_id: str
    title: str
    technique: str
    created_by: str
    created_at: datetime
    expectation: int


@dataclass(frozen=True)
class Expectation:
    """One answer that was or is expected: who accepted it, when and why, and what it was computed with."""

    id: str
    entry_id: str
    number: int
    versions: Versions
    actor_name: str
    reason: str | None
    accepted_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Run:
    """All entries of a set asked once, judged by the tolerance it had then; ``verdicts`` counts what came of those asked so far."""

    id: str
    set_id: str
    why: str
    asked_by: str
    asked_at: datetime
    state: RunState
    total: int
    ended_at: datetime | None
    tolerance: Tolerance
    versions: Versions
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many entries were asked."""
        return sum(self.verdicts.values())

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def holds(self) -> bool:
        """Whether every entry that there still is was answered as expected."""
        good = self.verdicts.get(Verdict.SAME, 0) + self.verdicts.get(Verdict.WITHIN, 0)
        return self.state is RunState.DONE and good == self.done > 0


@dataclass(frozen=True)
class Result:
    """What came of one entry in one run: its largest differences first; ``more`` were counted and not kept."""

    run_id: str
    entry_id: str
    title: str
    at: datetime
    verdict: Verdict
    expectation: int
    versions: Versions
    largest_arcseconds: float
    beyond: int
    differences: tuple[Difference, ...]
    more: int = 0
    why: str = ""
    answer_kept: bool = False


UPGRADE, ASKED = "upgrade", "asked"


def checked_text(text: str, field_name: str, longest: int, *, required: bool) -> str:
    """The text without white space around it, or InvalidRequest naming the field."""
    flat = " ".join(str(text).split())
    if len(flat) > longest or not flat.isprintable() or (required and not flat):
        least = "1" if required else "0"
        raise InvalidRequest.of(field_name, "invalid_text", f"Write {least} to {longest} characters that can be shown.")
    return flat


def checked_tolerance(arcseconds: float, seconds: float) -> Tolerance:
    """From none at all to one degree and one day."""
    return Tolerance(
        _checked_number(arcseconds, "tolerance_arcseconds", LARGEST_ARCSECONDS),
        _checked_number(seconds, "tolerance_seconds", LARGEST_SECONDS),
    )


def _checked_number(value: float, field_name: str, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= largest:  # also true of NaN
        raise InvalidRequest.of(field_name, "out_of_range", f"This lies between 0 and {largest:.0f}.")
    return float(value) + 0.0
