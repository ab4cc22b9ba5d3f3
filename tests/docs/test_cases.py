"""The page on cases and regression sets names every verdict, act and permission as the code has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.actor import Permission, Role
from backend.regression import runs, sets
from backend.regression.record import KEPT_RUNS, Verdict
from tests.support.builders import actor_with

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "charts" / "cases.md").read_text("utf-8")
ACTS = {
    value for module in (sets, runs) for name, value in vars(module).items() if name.isupper() and str(value).startswith("regressions.")
}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_is_explained(verdict: Verdict) -> None:
    assert f"| {verdict.value} | " in PAGE


def test_every_act_stands_in_the_table_and_no_other() -> None:
    told = {
        word.strip("`")
        for line in PAGE.splitlines()
        if line.startswith("| `regressions.")
        for word in line.split("|")[1].split()
        if "." in word
    }
    assert {act.strip("`,") for act in told} == ACTS


@pytest.mark.parametrize("permission", [one for one in Permission if one.value.startswith("regressions.")])
def test_the_permissions_belong_to_whom_the_page_says(permission: Permission) -> None:
    assert f"`{permission.value}`" in PAGE
    assert {role for role in Role if permission in actor_with(role).permissions} == {Role.DEVELOPER, Role.ADMIN}


def test_how_many_runs_are_kept_is_as_the_code_says() -> None:
    assert f"The newest {KEPT_RUNS} runs" in PAGE
