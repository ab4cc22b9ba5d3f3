"""`charts regress`: it runs the sets by itself, says what differs, and fails unless all answers are as expected."""

from __future__ import annotations

from backend.bootstrap import build
from backend.commands.actor import COMMAND_LINE
from backend.commands.regress import lines_of
from backend.regression.record import RegressionSet, Result, Run, RunState, Verdict, Versions
from backend.regression.values import Difference, Tolerance, Unit
from backend.settings import Settings
from tests.support.answers import StandInApi
from tests.support.clock import START
from tests.unit.storage_processes.test_command_line import Command, command

__all__ = ["command"]
SET = RegressionSet("set", "Clocks of Mexico", "", Tolerance(0.5), "dana", START, 2)
MOVED = Difference("bodies[mars].longitude_degrees", Unit.ARCSECONDS, 11.0862418, 11.0867974, 2.00016)


def run_with(**verdicts: int) -> Run:
    counted = {Verdict(name): count for name, count in verdicts.items()}
    return Run("run", "set", "asked", "dana", START, RunState.DONE, 2, START, Tolerance(0.5), Versions(), counted)


def result(verdict: Verdict, differences: int = 0, why: str = "") -> Result:
    return Result("run", "entry", "case 1", START, verdict, 1, Versions(), 2.0, differences, (MOVED,) * differences, 0, why)


def test_what_holds_is_one_line() -> None:
    assert lines_of(SET, run_with(same=2), [result(Verdict.SAME)]) == [
        "Clocks of Mexico: holds; 2 of 2 asked: 2 same (tolerance 0.5 arcseconds)"
    ]


def test_what_has_drifted_is_told_with_its_largest_differences() -> None:
    lines = lines_of(SET, run_with(drifted=1, failed=1), [result(Verdict.DRIFTED, 7), result(Verdict.FAILED, why="the API is away")])
    assert lines[0] == "Clocks of Mexico: does not hold; 2 of 2 asked: 1 drifted, 1 failed (tolerance 0.5 arcseconds)"
    assert lines[1] == "  drifted  case 1"
    assert lines[2] == "    bodies[mars].longitude_degrees: expected 11.0862418, got 11.0867974, +2.00016 arcseconds"
    assert lines[7:] == ["    and 2 more", "  failed  case 1: the API is away"]


def test_without_a_set_there_is_nothing_to_fail(command: Command) -> None:
    assert command("migrate").code == 0
    outcome = command("charts", "regress")
    assert (outcome.code, outcome.out) == (0, "There is no regression set with an entry.\n")
    assert command("charts", "regress", "none").code == 1


def test_entries_that_nobody_answers_are_a_failure(command: Command) -> None:
    assert command("migrate").code == 0
    services = build(Settings(), "test")
    try:
        made = services.regressions.create(COMMAND_LINE, "Clocks of Mexico")
        services.regressions.add(COMMAND_LINE, made.id, "natal", {"date": "1996-04-10"}, "case 1", StandInApi())
    finally:
        services.close()
    outcome = command("charts", "regress", "Clocks of Mexico", "--json")
    assert outcome.code == 1
    told = outcome.json["sets"][0]
    assert (outcome.json["holds"], told["run"]["state"], told["results"][0]["verdict"]) == (False, "done", "failed")
    assert "1996" not in outcome.out
