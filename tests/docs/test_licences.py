"""The record of licences is complete."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


def test_every_pinned_package_has_its_licence_recorded() -> None:
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", (ROOT / "requirements.txt").read_text(), re.M)
    recorded = (ROOT / "docs" / "licences.md").read_text()
    missing = [f"{name} {version}" for name, version in pinned if f"| {name} | {version} |" not in recorded]
    assert pinned
    assert missing == []


def test_every_pinned_package_has_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text().strip())
        assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_what_is_asked_for_with_an_extra_is_pinned_with_it() -> None:
    """Before 23.3 pip knows no pin for a name with an extra: it takes the newest release, whose hash nobody has written down."""
    pinned = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-dev.txt").read_text()
    asked = [Requirement(text) for each in distributions() for text in each.requires or ()]
    named = [each for each in asked if each.extras and (each.marker is None or each.marker.evaluate({"extra": ""}))]
    loose = {f"{each.name}[{','.join(sorted(each.extras))}]" for each in named if "==" not in str(each.specifier)}
    assert loose == {name for name in loose if f"\n{name}==" in pinned}
    assert loose
