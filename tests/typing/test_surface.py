"""Code that calls through a breaker keeps its types, as two checkers see them at their strictest."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
Checker = Callable[[list[str], Path], str]
WRONG = """
from typing import assert_type
from backend.resilience.breaker import Breaker

async def length(text: str) -> int:
    return len(text)

async def use(breaker: Breaker) -> None:
    assert_type(await breaker(length)("Oslo"), str)
"""


def mypy(paths: list[str], _folder: Path) -> str:
    return _run("mypy", "--strict", "--warn-unused-ignores", *paths)


def pyright(paths: list[str], folder: Path) -> str:
    settings = {
        "include": paths,
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "enableTypeIgnoreComments": False,
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return _run("basedpyright", "-p", str(folder), "--pythonpath", sys.executable)


def _run(module: str, *arguments: str) -> str:
    """What the checker found; it always finds something, as one of the files is wrong."""
    checked = subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert checked.returncode == 1, checked.stdout + checked.stderr
    return checked.stdout


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_guarded_calls_keep_their_types_and_a_lost_one_would_be_noticed(checker: Checker, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG)
    found = checker([str(HERE / "surface.py"), str(wrong)], tmp_path)
    assert "surface.py" not in found, found
    (mistake,) = (line for line in found.splitlines() if "error:" in line)
    assert "wrong.py:9" in mistake
    assert '"str"' in mistake
    assert '"int"' in mistake
