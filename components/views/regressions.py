"""Regression sets in words: the verdict of a run, versions then and now, the drift table, what was expected when."""

from __future__ import annotations

from collections.abc import Sequence

from backend.regression.record import UPGRADE, Entry, Expectation, RegressionSet, Result, Run, RunState, Verdict, Versions
from backend.regression.sets import SetView
from backend.regression.values import Difference, Tolerance
from components import markup
from components.times import Watch
from components.views import differences as words
from components.views.compare import tolerance_words
from components.wording import say

MOST_DIFFERENCES = 8
KINDS = {
    Verdict.SAME: ("ok", "Same"),
    Verdict.WITHIN: ("ok", "Within"),
    Verdict.DRIFTED: ("bad", "Drifted"),
    Verdict.DEGRADED: ("watch", "Degraded"),
    Verdict.FAILED: ("bad", "Failed"),
}
_VERSION_NAMES = ("product", "library", "ephemeris", "files", "zones")


def newest_done(view: SetView) -> Run | None:
    """The newest run that is over."""
    return next((run for run in view.runs if not run.is_open), None)


def state_of(run: Run | None) -> tuple[str, str]:
    """Kind and word of a run, for a table cell."""
    if run is None:
        return "neutral", say("regressions.never")
    if run.is_open:
        return "pending", say("regressions.running", done=run.done, total=run.total)
    if run.state is RunState.CANCELLED:
        return "neutral", "Cancelled"
    if run.holds:
        return "ok", "Holds"
    worst = next((verdict for verdict in Verdict if run.verdicts.get(verdict)), None)
    if worst is None:
        return "neutral", say("regressions.no_entry")
    kind, word = KINDS[worst]
    return kind, f"{run.verdicts[worst]} {word.lower()}"


def verdict(run: Run | None, results: Sequence[Result], watch: Watch) -> tuple[str, str, str]:
    """Kind, headline and what goes with it, of a run that is over."""
    if run is None:
        return "neutral", say("regressions.not_run"), say("regressions.not_run_more")
    at, counted, within = watch.exact(run.asked_at), run.verdicts, tolerance_words(run.tolerance)
    if run.state is RunState.CANCELLED:
        return "neutral", say("regressions.cancelled"), say("regressions.cancelled_more", done=run.done, total=run.total)
    if not run.done:
        return "neutral", say("regressions.no_entry"), say("regressions.drift_none")
    if run.holds:
        return (
            "ok",
            say("regressions.holds"),
            say("regressions.holds_more", total=run.done, at=at, tolerance=within),
        )
    if counted.get(Verdict.DRIFTED):
        headline = say("regressions.drifted", count=counted[Verdict.DRIFTED], total=run.done)
        return "bad", headline, say("regressions.drifted_more", at=at, tolerance=within, largest=_largest(results))
    kind, name = ("bad", "failed") if counted.get(Verdict.FAILED) else ("watch", "degraded")
    return kind, say(f"regressions.{name}", count=counted[Verdict(name)], total=run.done), say(f"regressions.{name}_more", at=at)


def _largest(results: Sequence[Result]) -> str:
    drifted = [one for one in results if one.verdict is Verdict.DRIFTED and one.differences]
    if not drifted:
        return "–"
    first = max(drifted, key=lambda one: one.largest_arcseconds).differences[0]
    return f"{markup.text(words.label(first.path))} {words.amount(first)}"


def set_words(found: RegressionSet, run: Run | None, watch: Watch) -> str:
    """Entries, tolerance and when it was run last."""
    last = say("regressions.last_run", at=watch.clock(run.asked_at)) if run else say("regressions.never").lower()
    return say("regressions.set_about", count=found.entries, tolerance=tolerance_words(found.tolerance), last=last)


def version_rows(expected: Versions | None, run: Versions | None) -> list[dict[str, str]]:
    """What the expected answers were computed with, and what the run's were; what is not known says so."""
    rows = []
    for name in _VERSION_NAMES:
        then, now = (getattr(one, name) if one else "" for one in (expected, run))
        same = "" if not (then and now) else say("regressions.same_versions" if then == now else "regressions.other_versions")
        rows.append(
            {
                "Part": f":gray[{say(f'regressions.v_{name}')}]",
                say("regressions.then"): _version(then),
                say("regressions.now"): _version(now),
                "Changed": f"**{same}**" if then != now else f":gray[{same}]",
            }
        )
    return rows


def _version(text: str) -> str:
    return markup.text(text if len(text) <= 32 else f"{text[:12]}…") if text else say("regressions.unknown")


def entry_words(result: Result) -> str:
    """What came of an entry in one line."""
    if result.why:
        return markup.sentence(result.why)
    largest = words.size_words(result.largest_arcseconds)
    if result.verdict is Verdict.DRIFTED:
        return say("regressions.entry_drifted", count=result.beyond, largest=largest)
    return say("regressions.entry_within", largest=largest) if result.verdict is Verdict.WITHIN else ""


def drift_rows(result: Result, tolerance: Tolerance, most: int = MOST_DIFFERENCES) -> list[dict[str, str]]:
    """The differences of one entry, the largest first."""
    return [
        {
            say("regressions.path"): f"**{markup.text(words.label(one.path))}**",
            say("regressions.expected"): markup.text(words.value(one, one.left)),
            say("regressions.got"): markup.text(words.value(one, one.right)),
            say("regressions.difference"): words.amount(one) if tolerance.allows(one) else f":red[**{words.amount(one)}**]",
        }
        for one in result.differences[:most]
    ]


def all_differences(results: Sequence[Result]) -> list[Difference]:
    """Every kept difference with its entry in the path, for a file; the entry by its id, as its title may name a person."""
    return [
        Difference(f"{result.entry_id}/{one.path}", one.unit, one.left, one.right, one.amount)
        for result in results
        for one in result.differences
    ]


def why_words(run: Run) -> str:
    return say("regressions.why_upgrade") if run.why == UPGRADE else say("regressions.why_asked", by=markup.text(run.asked_by))


def expectation_words(one: Expectation, watch: Watch) -> str:
    """One line of an entry's history."""
    number = say("regressions.expectation", number=one.number)
    if one.reason is None:
        return f"**{number}** · {say('regressions.first_answer')} · {watch.clock(one.accepted_at)}"
    told = say("regressions.accepted_by", at=watch.clock(one.accepted_at), by=markup.text(one.actor_name), reason=markup.text(one.reason))
    gone = f" · {say('regressions.withdrawn', at=watch.clock(one.withdrawn_at))}" if one.withdrawn_at else ""
    return f"**{number}** · {told}{gone}"


def acceptable(results: Sequence[Result], entries: Sequence[Entry]) -> list[Result]:
    """The results whose answer may be accepted: kept, and nothing else is expected by now."""
    numbers = {entry.id: entry.expectation for entry in entries}
    return [one for one in results if one.answer_kept and numbers.get(one.entry_id) == one.expectation]
