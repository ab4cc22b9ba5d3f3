"""What an answer is worth beside the one that is expected. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.regression.differences import Comparison, compare
from backend.regression.record import Verdict
from backend.regression.values import Difference, Tolerance, largest_arcseconds, ranked

MOST_KEPT = 200
_ASKED_FOR = "requested"  # of a degradation that the request itself chose, as the ephemeris by formulas


@dataclass(frozen=True)
class Judged:
    """The verdict with its reasons: the differences, the largest first, cut at ``MOST_KEPT``."""

    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    more: int = 0
    beyond: int = 0
    largest_arcseconds: float = 0.0
    why: str = ""


def judge(expected: Mapping[str, Any], got: Mapping[str, Any], tolerance: Tolerance) -> Judged:
    """A lesser answer is never compared as a good one: it says nothing about whether the calculation has changed."""
    lesser = lesser_words(got)
    if lesser and not lesser_words(expected):
        return Judged(Verdict.DEGRADED, why=lesser)
    return _of(compare(expected, got), tolerance)


def _of(comparison: Comparison, tolerance: Tolerance) -> Judged:
    found = ranked(comparison.all, tolerance)
    beyond = sum(not tolerance.allows(one) for one in found)
    verdict = Verdict.DRIFTED if beyond else Verdict.WITHIN if found else Verdict.SAME
    return Judged(verdict, tuple(found[:MOST_KEPT]), max(0, len(found) - MOST_KEPT), beyond, largest_arcseconds(found))


def lesser_words(document: Mapping[str, Any]) -> str:
    """What is lesser about a document, in its own words; empty where nothing is that was not asked for."""
    found = [one for one in document.get("degraded") or () if isinstance(one, Mapping) and one.get("why") != _ASKED_FOR]
    return " ".join(str(one.get("detail") or one.get("what") or "lesser") for one in found)
