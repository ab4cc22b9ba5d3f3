"""The record of licences is complete."""

from __future__ import annotations

import re
from pathlib import Path

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
