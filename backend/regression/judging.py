"""What an answer is worth beside the one that is expected. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.regression.differences import Comparison, compare
from backend.regression.record import Verdict
from backend.regression.values import Difference, Tolerance, largest_arcseconds, ranked

MOST_KEPT = 200
# What makes an answer lesser by the request's own doing: it is so each time, and says nothing against what answers.
REQUESTS_OWN = frozenset({"moshier_requested", "outside_file_range", "not_in_this_sky"})


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
    known = {one.get("why") for one in _degradations(expected)}
    lesser = _words([one for one in _degradations(got) if one.get("why") not in known])
    if lesser:
        return Judged(Verdict.DEGRADED, why=lesser)
    return _of(compare(expected, got), tolerance)


def _of(comparison: Comparison, tolerance: Tolerance) -> Judged:
    found = ranked(comparison.all, tolerance)
    beyond = sum(not tolerance.allows(one) for one in found)
    verdict = Verdict.DRIFTED if beyond else Verdict.WITHIN if found else Verdict.SAME
    return Judged(verdict, tuple(found[:MOST_KEPT]), max(0, len(found) - MOST_KEPT), beyond, largest_arcseconds(found))


def lesser_words(document: Mapping[str, Any]) -> str:
    """What is lesser about a document and not by the request's own doing, in its own words; empty where nothing is."""
    return _words([one for one in _degradations(document) if one.get("why") not in REQUESTS_OWN])


def _degradations(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in document.get("degraded") or () if isinstance(one, Mapping)]


def _words(found: list[Mapping[str, Any]]) -> str:
    return " ".join(str(one.get("detail") or one.get("what") or "lesser") for one in found)
