"""Regression sets from a terminal: run them, say what differs, and fail when something has drifted."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.bootstrap import Services
from backend.commands.actor import COMMAND_LINE
from backend.commands.answers import answer
from backend.commands.wired import wired
from backend.duties import regression_runner
from backend.errors import Conflict
from backend.regression.record import RegressionSet, Result, Run, RunState, Verdict
from backend.regression.values import Difference

_SHOWN = 5
_WAIT_SECONDS = 0.2
Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]


def regress(
    name: Annotated[str, typer.Argument(metavar="[SET]", help="Title or id of a regression set; without one, all of them.")] = "",
    json: Json = False,
) -> None:
    """Ask every entry of a regression set again; exit with 1 unless all answers are as expected, within the set's tolerance."""
    with wired() as services:
        found = [services.regressions.find(COMMAND_LINE, name)] if name else [one for one, _ in services.regressions.sets(COMMAND_LINE)]
        chosen = [one for one in found if one.entries or name]
        done = [(one, *_run(services, one)) for one in chosen]
    holds = all(run.holds for _, run, _ in done)
    words = "\n".join(line for one, run, results in done for line in lines_of(one, run, results))
    told = [{"set": one, "holds": run.holds, "run": run, "results": results} for one, run, results in done]
    answer({"holds": holds, "sets": told}, words or "There is no regression set with an entry.", json=json)
    raise typer.Exit(0 if holds else 1)


def _run(services: Services, chosen: RegressionSet) -> tuple[Run, list[Result]]:
    """One whole run; a worker may help, or have begun it already."""
    runner, asked = regression_runner(services), _asked(services, chosen)
    while (run := services.regressions.run_of(COMMAND_LINE, asked)).is_open:
        if not runner.advance(1.0):
            services.clock.sleep(_WAIT_SECONDS)
    return run, services.regressions.results(COMMAND_LINE, run.id)


def _asked(services: Services, chosen: RegressionSet) -> str:
    try:
        return services.regressions.run(COMMAND_LINE, chosen.id, services.instance_id).id
    except Conflict:
        newest = services.regressions.view(COMMAND_LINE, chosen.id).runs[:1]
        if newest and newest[0].is_open:
            return newest[0].id
        raise


def lines_of(chosen: RegressionSet, run: Run, results: list[Result]) -> list[str]:
    """A run in plain lines: the verdict, then what is not as expected."""
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in sorted(run.verdicts.items()))
    state = "holds" if run.holds else "cancelled" if run.state is RunState.CANCELLED else "does not hold"
    within = f"tolerance {run.tolerance.arcseconds:g} arcseconds"
    head = f"{chosen.title}: {state}; {run.done} of {run.total} asked: {counts or 'none'} ({within})"
    return [head, *(line for one in results if one.verdict not in (Verdict.SAME, Verdict.WITHIN) for line in _entry_lines(one))]


def _entry_lines(result: Result) -> list[str]:
    more = len(result.differences) + result.more - _SHOWN
    lines = [f"  {result.verdict.value}  {result.title}" + (f": {result.why}" if result.why else "")]
    lines += [f"    {_difference_line(one)}" for one in result.differences[:_SHOWN]]
    return [*lines, f"    and {more} more"] if more > 0 else lines


def _difference_line(one: Difference) -> str:
    if one.amount is None:
        return f"{one.path}: expected {one.left}, got {one.right}"
    return f"{one.path}: expected {one.left}, got {one.right}, {one.amount:+.6g} {one.unit.value}"
