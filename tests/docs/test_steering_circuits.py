"""The page on steering circuits names every act, command and permission, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.actor import PERMISSIONS, Permission, Role
from backend.commands.breakers import breakers, policy
from backend.operations import applying, overrides

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "steering-circuits.md").read_text()
OPERATIONS = Path(overrides.__file__).parent
STEERING = sorted(one for one in Permission if one.startswith(("circuits.", "faults.")))


def rows(heading: str) -> list[list[str]]:
    table = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]


def test_every_act_of_the_code_is_on_the_page() -> None:
    code = "".join(path.read_text() for path in OPERATIONS.glob("*.py"))
    acts = set(re.findall(r'"((?:circuits|faults)\.[a-z_]+)"', code))
    assert {act for row in rows("Acts") for act in re.findall(r"`([a-z_.]+)`", row[0])} == acts
    assert set(applying.ENDS.values()) <= acts


def test_every_command_is_on_the_page() -> None:
    given = {re.match(r"`((?:policy )?[a-z-]+)", row[1])[1] for row in rows("Acts") if row[1]}  # type: ignore[index]
    looking = {"list", "show", "policy show", "export"}
    commands = {one.name or one.callback.__name__ for one in breakers.registered_commands}  # type: ignore[union-attr]
    commands |= {f"policy {one.name}" for one in policy.registered_commands}
    assert commands == given | looking
    assert all(f"`{name}" in TEXT for name in looking)


@pytest.mark.parametrize("permission", STEERING)
def test_who_has_a_permission_is_as_the_code_says(permission: Permission) -> None:
    holders = ", ".join(role for role in Role if permission in PERMISSIONS[role])
    assert [f"`{permission}`", holders] in rows("Permissions")
    assert len(rows("Permissions")) == len(STEERING)
