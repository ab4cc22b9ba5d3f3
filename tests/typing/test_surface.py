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
Checker = Callable[[Path, Path], subprocess.CompletedProcess[str]]
WRONG = """
from typing import assert_type
from backend.resilience.breaker import Breaker

async def length(text: str) -> int:
    return len(text)

async def use(breaker: Breaker) -> None:
    assert_type(await breaker(length)("Oslo"), str)
"""


def mypy(path: Path, _folder: Path) -> subprocess.CompletedProcess[str]:
    return _run("mypy", "--strict", "--warn-unused-ignores", str(path))


def pyright(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {
        "include": [str(path)],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": "error",
        "enableTypeIgnoreComments": False,
        "pythonVersion": "3.11",
        "extraPaths": [str(ROOT)],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return _run("basedpyright", "-p", str(folder), "--pythonpath", sys.executable)


def _run(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_decorated_functions_methods_and_calls_keep_their_types(checker: Checker, tmp_path: Path) -> None:
    checked = checker(HERE / "surface.py", tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_the_check_notices_a_type_that_got_lost(checker: Checker, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG)
    checked = checker(wrong, tmp_path)
    assert checked.returncode == 1
    assert "int" in checked.stdout
    assert "str" in checked.stdout
